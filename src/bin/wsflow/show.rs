//! `wsflow show`: messages and connections in full.

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use anyhow::bail;
use wsflow::filter::Filter;
use wsflow::flow::{FlowContext, Message};
use wsflow::output::{
    self, Details, Field as _, Format, Looks, MessageField, MessageRow, Options, Sheet, SheetText, TimeFormat, Tone,
    Value, Writer,
};
use wsflow::payload::{Decoded, Kind, LARGEST, MisfitError, Payload, Schema};
use wsflow::scan::{self, Batch, Cutter, Piece, Scope, Selection};

use crate::args::{As, ShowArgs};
use crate::ids::Seen;
use crate::listing::LARGEST_PART;
use crate::report::{Faults, Report};
use crate::{input, streams};

pub(crate) fn run(args: ShowArgs, report: &mut Report) -> anyhow::Result<()> {
    let selection = (!args.ids.is_empty()).then(|| Selection::new(args.ids.clone()));
    let input = input::open(&args.file, &args.reading)?;
    let reader = input.reader()?;
    report.reads(reader.format());
    let cutter = Cutter::new(reader, Scope::All).select(selection.clone());
    let filter = args.filter.filter;
    let time = args.time_format.unwrap_or_default().into();
    let looks = args.looks.looks(!args.json);
    let ahead = filter.as_ref().and_then(|filter| filter.anew().ok());
    let schema = match (&args.proto, &args.message) {
        (Some(path), Some(name)) => Some(Schema::open(path, name, &args.proto_path)?),
        _ => None,
    };
    let view = View {
        selection,
        filter: filter.as_ref(),
        ahead: ahead.as_ref().or(filter.as_ref()),
        form: match (args.raw || args.kind == Some(As::Raw), args.json) {
            (true, _) => Form::Raw,
            (_, true) => {
                let options = Options { format: Format::Ndjson, time, looks, ..Options::default() };
                let writer = |parse| Writer::new(MessageField::of_object(false, parse), options.clone());
                Form::Json(Box::new(JsonForm { plain: writer(false), decoded: writer(true) }))
            }
            _ => Form::Sheet(Sheet::new(looks)),
        },
        reading: Reading {
            kind: args.kind.and_then(|kind| match kind {
                As::Kind(kind) => Some(kind),
                As::Raw => None,
            }),
            schema,
            unpacked: match args.ids.as_slice() {
                [id] if id.messages.as_ref().is_some_and(|messages| messages.start() == messages.end()) => {
                    UNPACKED_ALONE
                }
                _ => LARGEST,
            },
        },
        time,
        looks,
    };
    let mut seen = Seen::default();
    scan::run_in_parts(
        cutter,
        args.reading.threads(),
        |batch, emit| view.show(batch, emit),
        |part| -> io::Result<_> {
            match part {
                Ok(part) => {
                    report.faults(&input.name, &part.faults);
                    streams::stdout().write_all(&part.bytes)?;
                    seen.append(part.seen);
                }
                Err(fault) => report.fault(&input.name, &fault),
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    streams::stdout().flush()?;
    report.end_of_file(&input.name);
    report.unanswered(filter.as_ref());
    match view.selection.as_ref().and_then(|ids| seen.missing(ids, Scope::All, Some(&input.name))) {
        Some(missing) => bail!("{missing}"),
        None => Ok(()),
    }
}

/// What is shown, and how.
struct View<'f> {
    selection: Option<Selection>,
    filter: Option<&'f Filter>,
    /// The same, for messages that will be asked once more: what it fails at then is not counted twice.
    ahead: Option<&'f Filter>,
    form: Form,
    reading: Reading,
    time: TimeFormat,
    looks: Looks,
}

/// In which form.
enum Form {
    /// For people.
    Sheet(Sheet),
    /// An object for each connection and each message.
    Json(Box<JsonForm>),
    /// The contents alone.
    Raw,
}

struct JsonForm {
    plain: Writer<MessageField>,
    /// For a message that is of the kind that was asked for.
    decoded: Writer<MessageField>,
}

/// As much of a packed message is unpacked when it is the only one that is named, in bytes: a thread for each would take
/// more than is promised.
const UNPACKED_ALONE: usize = 4 << 20;

/// As what contents are read.
struct Reading {
    /// The kind that was asked for.
    kind: Option<Kind>,
    schema: Option<Schema>,
    /// How many bytes of what is packed are unpacked.
    unpacked: usize,
}

impl Reading {
    /// A content as what was asked for, if anything was, and a word about it; or why it is none.
    fn asked<'a>(&self, payload: &Payload<'a>) -> Option<Result<(Decoded<'a>, String), String>> {
        let as_asked = |decoded| (decoded, "as asked for".to_owned());
        match (&self.schema, self.kind) {
            (Some(schema), _) => Some(
                match schema.decode(payload) {
                    Err(error @ MisfitError::Unwritable { .. }) => {
                        payload.decode(Kind::Protobuf).map(|decoded| (decoded, error.to_string())).map_err(|_| error)
                    }
                    other => other.map(as_asked),
                }
                .map_err(|error| error.to_string()),
            ),
            (None, Some(kind)) => {
                let decoded = payload.decode(kind).map(as_asked);
                Some(decoded.map_err(|error| format!("not {}: {error}", kind.name())))
            }
            (None, None) => None,
        }
    }

    /// What a content is, and why it is that.
    fn read<'a>(&self, payload: &Payload<'a>) -> (Decoded<'a>, String) {
        match self.asked(payload) {
            Some(Ok(found)) => found,
            Some(Err(why)) => (payload.guess(), why),
            None => {
                let decoded = payload.guess();
                let reason = decoded.reason().to_owned();
                (decoded, reason)
            }
        }
    }
}

/// What a thread makes of a batch, or of a part of it.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    /// What is there of the flows that were asked for.
    seen: Seen,
    faults: Faults,
}

impl Part {
    fn emit_if_large(&mut self, emit: &mut dyn FnMut(Part)) {
        if self.bytes.len() >= LARGEST_PART {
            emit(std::mem::take(self));
        }
    }
}

impl View<'_> {
    fn show(&self, batch: &Batch<'_>, emit: &mut dyn FnMut(Part)) {
        let mut part = Part::default();
        for piece in &batch.pieces {
            self.piece(&mut part, piece, emit);
        }
        emit(part);
    }

    fn piece(&self, part: &mut Part, piece: &Piece<'_>, emit: &mut dyn FnMut(Part)) {
        let flow = piece.record.index;
        let filter = match self.filter.map(|filter| piece.flow().map(|view| filter.for_flow(&view, flow))) {
            Some(Ok(filter)) => Some(filter),
            Some(Err(error)) => return part.faults.push(piece.locate_flow(error)),
            None => None,
        };
        self.selection.iter().for_each(|ids| part.seen.see(piece, ids));
        // With no ids everything is named.
        let is_whole = |id: &scan::Id| id.flow == flow && id.messages.is_none();
        let is_marked = self.selection.as_ref().is_none_or(|ids| ids.ids().iter().any(is_whole));
        if is_marked && piece.is_first && !matches!(self.form, Form::Raw) && self.has_match(piece) {
            self.connection(part, piece);
        }
        // Faults of the flow are told where the flow itself is shown.
        let (context, _) = piece.context();
        for message in piece.messages() {
            match message {
                Ok(message) => {
                    let number = message.index;
                    let is_named = self.selection.as_ref().is_none_or(|ids| ids.contains(flow, number));
                    let is_chosen = filter.as_ref().is_none_or(|filter| filter.matches(&message));
                    if is_named && is_chosen {
                        self.message(part, context, message, is_marked, emit);
                    }
                    part.emit_if_large(emit);
                }
                Err(error) => part.faults.push(piece.locate(error)),
            }
        }
    }

    /// Whether anything of the flow matches: one of its messages, or of a flow without messages the flow itself.
    fn has_match(&self, piece: &Piece<'_>) -> bool {
        let (Some(filter), Some(ahead), Ok(flow)) = (self.filter, self.ahead, piece.flow()) else { return true };
        match flow.websocket().ok().flatten().and_then(|websocket| websocket.messages().ok()) {
            Some(messages) if !piece.is_empty() => {
                ahead.for_flow(&flow, piece.record.index).select(messages).any(|found| found.is_ok())
            }
            _ => filter.matches_flow(&flow, piece.record.index),
        }
    }

    fn connection(&self, part: &mut Part, piece: &Piece<'_>) {
        let details = match piece.flow() {
            Ok(flow) => {
                let (details, faults) = Details::new(&flow, piece.record.index);
                part.faults.extend(faults.into_iter().map(|fault| piece.locate_flow(fault)));
                details
            }
            Err(error) => return part.faults.push(piece.locate_flow(error)),
        };
        match &self.form {
            Form::Sheet(sheet) => details.push_sheet(&mut part.bytes, sheet, self.time),
            Form::Json(_) => {
                details.push_json(&mut part.bytes, self.looks);
                part.bytes.push(b'\n');
            }
            Form::Raw => {}
        }
    }

    /// Shows a message; below its connection only what that does not say.
    fn message(
        &self,
        part: &mut Part,
        flow: &FlowContext,
        message: Message<'_>,
        is_below: bool,
        emit: &mut dyn FnMut(Part),
    ) {
        let out = &mut part.bytes;
        let row = MessageRow::new(None, flow, message);
        let payload = Payload::new(&message, flow).unpacked_to(self.reading.unpacked);
        match &self.form {
            Form::Raw => match self.looks.terminal {
                Some(_) => out.extend_from_slice(output::printable_bytes(message.content).as_bytes()),
                None => out.extend_from_slice(message.content),
            },
            Form::Json(form) => match self.reading.asked(&payload) {
                Some(Ok((found, _))) => form.decoded.row(out, &row.with_decoded(found)),
                _ => form.plain.row(out, &row),
            },
            Form::Sheet(sheet) => {
                let title = format!("message {}:{}", flow.index, message.index);
                let (decoded, reason) = self.reading.read(&payload);
                if is_below {
                    self.line(out, *sheet, &title, &row, &decoded);
                } else {
                    sheet.title(out, &[(Tone::Title, &title)]);
                    self.rows(out, *sheet, &row, &decoded, &reason);
                    out.push(b'\n');
                }
                let mut text = SheetText::new(*sheet);
                decoded.pieces(&mut |piece| {
                    text.push(&mut part.bytes, piece);
                    part.emit_if_large(emit);
                });
                text.end(&mut part.bytes);
                part.bytes.push(b'\n');
            }
        }
    }

    /// A line that says what a message is.
    fn line(&self, out: &mut Vec<u8>, sheet: Sheet, title: &str, row: &MessageRow<'_>, decoded: &Decoded<'_>) {
        let fields = [MessageField::Direction, MessageField::Type, MessageField::Size, MessageField::Time];
        let mut parts = vec![(Tone::Title, title.to_owned())];
        for field in fields {
            let value = field.value(row).to_text(self.time);
            let unit = match (field, value.as_str()) {
                (MessageField::Size, "1") => " byte",
                (MessageField::Size, _) => " bytes",
                _ => "",
            };
            parts.push((Tone::Plain, "  ".to_owned()));
            parts.push((field.tone(row), value + unit));
        }
        for field in [MessageField::Dropped, MessageField::Injected] {
            if let Value::Bool(true) = field.value(row) {
                parts.push((Tone::Plain, "  ".to_owned()));
                parts.push((field.tone(row), field.info().name.to_owned()));
            }
        }
        if !matches!(decoded.kind(), Kind::Text | Kind::Hex) {
            parts.push((Tone::Faint, format!("  {decoded}")));
        }
        let parts: Vec<_> = parts.iter().map(|(tone, text)| (*tone, text.as_str())).collect();
        sheet.title(out, &parts);
    }

    /// All that there is to say of a message, but its content.
    fn rows(&self, out: &mut Vec<u8>, sheet: Sheet, row: &MessageRow<'_>, decoded: &Decoded<'_>, reason: &str) {
        let fields = [
            MessageField::FlowId,
            MessageField::Url,
            MessageField::Direction,
            MessageField::Type,
            MessageField::Time,
            MessageField::Timestamp,
            MessageField::Size,
            MessageField::Dropped,
            MessageField::Injected,
        ];
        let kind = ("kind", Tone::Plain, format!("{decoded} ({reason})"));
        let rows = fields.map(|field| (field.info().name, field.tone(row), field.value(row).to_text(self.time)));
        sheet.rows(out, &rows.into_iter().chain([kind]).collect::<Vec<_>>());
    }
}
