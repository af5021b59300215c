//! Expressions by hand, by subject. Those of which the difference is known and meant are not among them; they stand in
//! the table of differences.

pub(crate) const ALL: &[&[&str]] =
    &[OPERATORS, PRECEDENCE, SPACES, QUOTES, REFUSED, WORDS, REGEX, CLASSES, ANCHORS, GROUPS, FANCY, TEXT, FLAGS, ODD];

#[rustfmt::skip]
const OPERATORS: &[&str] = &[
    "~a", "~all", "~dns", "~e", "~http", "~marked", "~q", "~replay", "~replayq", "~replays", "~s", "~tcp", "~udp",
    "~websocket", "~b needle", "~bq needle", "~bs needle", "~b behind", "~b second", "~b member", "~b haystack",
    "~b hay.*hay", "~b \"as it is\"", r"~b \x00", r"~b \xff\xfe", r"~bq \xff", r"~bs \x80", "~b \u{e4}",
    "~b password", "~b .", "~b ^$", "~b ^", "~b $", "~b ^needle", "~b needle$", "~b line$", "~b ^second", "~b hello",
    "~b ^hello$", "~bq hello", "~bs hello", "~bq .", "~bs .", "~b \"\"", "~bq \"\"", "~bs \"\"", "~b 192.0.2.1",
    "~b 2001:db8", "~b ::ffff", "~b ^::$", "~b 0x", "~b invalid", "~b spf1", "~b alias", "~b b\u{fc}cher",
    "~b target_name", "~b priority..-1", "~b alpn", r"~b \\x02h2", "~b \"'99\"", "~b 99:", "~b deadbeef", "~b q7.dns",
    "~bq q7.dns", "~bs q7.dns", "~bs alias", "~bq alias", r"~b \r\n", r"~bs \r\n", "~b trailing", "~c 200", "~c 101",
    "~c 404", "~c 0", "~c 0200", "~c 99999999999999999999999", "~c 302", "~c 500", "~c 204", "~c 403", "~d example",
    "~d ^plain", r"~d \.example$", "~d 127.0.0.1", "~d ^10\\.", "~d named", "~d 8080", "~d ::1", "~d not.a.host",
    "~d port.example", "~d 99999", "~d b\u{fc}cher", "~d xn--", "~d one.example", "~d two", "~d authority", "~d h2",
    "~d tunnel", "~d star", "~d localhost", "~d teahouse", "~d unknown", "~d \"\"", "~d header", "~dst 443",
    "~dst :443$", "~dst 198", "~dst server.example", "~dst 127.0.0.1", "~dst .", "~dst ^:0$", "~dst address",
    "~src 127.0.0.1", "~src 192.0.2.7:40000", "~src 2001:db8", "~src ::1:40001$", "~src ^:0$", "~src .", "~src 1$",
    "~h Content", "~h content-type", "~h ^Host:", "~h ^host:.*example", "~h html$", "~h json", r"~h utf-8\r", "~h ^$",
    "~h x-empty", r"~h ^x-empty:\s*$", r"~h \xff\xfe", "~h second", "~h ^z:", "~h .", "~h \"\"", "~h session",
    "~hq Host", "~hq cookie", "~hq ^cookie:.c=3", "~hq set-cookie", "~hq okhttp", "~hq user-agent", "~hq upgrade",
    "~hs Set-Cookie", "~hs ^set-cookie:.*session", "~hs user-agent", "~hs websocket", "~hs nginx", "~hs ^date:",
    "~hs permessage", "~hs content-encoding", "~hs gzip", "~hs br$", "~hs ^content-encoding:.br", "~m GET", "~m get",
    "~m ^GET$", "~m POST", "~m CONNECT", "~m options", "~m ^p", "~m foo", "~m .", r"~m \d", "~t json", "~t html",
    "~t image", "~t text", "~t ^text", "~t charset", "~t ^$", "~t .", "~t form", "~t octet", "~tq json",
    "~tq multipart", "~tq image", "~tq foo", "~tq urlencoded", "~ts html", "~ts image", "~ts json", "~ts css",
    "~ts ^text/plain", "~ts ^font", "~u example", "~u http", "~u ^https", "~u ^http:", "~u :8080", "~u :8443/",
    "~u :443", "~u /socket", "~u sentence/1", r"~u sentence/1\b", "~u stra\u{df}e", "~u \u{4e2d}", "~u q=1", "~u #f$",
    "~u tunnel", "~u tunnel.example:443", r"~u ^\w+://star.example$", r"~u \*$", "~u wss", "~u ws:", "~u dns.example",
    "~u q1.dns", "~u first.example", "~u second", "~u b\u{fc}cher", "~u xn--", r"~u \[::1\]", "~u ::1", "~u x41",
    "~u d\\+", "~u back.slash", "~u a.b.c", "~u menu", "~u orders", "~u echo", "~u 127.0.0.1", "~u authority.example",
    "~u :1/h3", "~u header.example", "~u not.a.host", "~u 99999", "~u \"\"", "~meta text", "~meta ^number:.42$",
    "~meta ^negative:.-7", "~meta 10{29}", "~meta \"half: 0.5$\"", "~meta tiny:.1e-07", "~meta big:.1e.16",
    "~meta whole:.3.0$", "~meta None", "~meta nothing:.None$", "~meta True", "~meta yes:.True", "~meta False",
    r#"~meta "b'by"#, r#"~meta "bytes: b'by\\\\'te""#, r"~meta \\x00\\xff\\n", "~meta list:...1", "~meta 3\\.5",
    "~meta \"two', None\"", "~meta \"it's\"", "~meta say", r#"~meta "\"it's\"""#, r"~meta \\u200b", r"~meta \\ud7a4",
    "~meta \u{1f600}", r"~meta \\n\\t\\\\", "~meta \u{e4}", "~meta c....True", "~meta empty", "~meta ^empty:....$",
    r"~meta ^empty.dict:.\{\}$", "~meta ^second", "~meta one$", "~meta ^first:.one$", "~meta \"\"", "~meta ^$",
    "~meta duplicated", "~meta websocket", "~meta quoted", "~meta .", "~marker default", "~marker :default:",
    "~marker foo", "~marker ^foo$", "~marker foo$", "~marker \"\"", "~marker .", "~marker ^$", "~comment foo",
    "~comment ^bar", "~comment bar$", "~comment ^bar$", "~comment ^foo$", "~comment stream", "~comment \"\"",
    "~comment ^$", "~comment .", "~comment todo", "example", "^https", "socket", "/socket/1$", "\"/socket/1$\"",
    "'/socket/1$'", "menu", "dns.example", "echo",
];

#[rustfmt::skip]
const PRECEDENCE: &[&str] = &[
    "~q | ~s", "~q & ~s", "!~q", "! ~q", "!!~q", "! ! ! ~q", "!~q & !~s", "!(~q | ~s )", "!(~q & ~s )",
    "~tcp | ~udp & ~b needle", "(~tcp | ~udp ) & ~b needle", "~tcp | (~udp & ~b needle)", "~b needle & ~tcp | ~udp",
    "~tcp | ~udp ~b needle", "~b needle ~tcp | ~udp", "~tcp | ~udp !~b needle", "~http ~websocket",
    "~http !~websocket", "~http & !~websocket & ~c 200", "!~http | ~websocket & !~c 101", "!~http ~dns | ~tcp",
    "~a | ~e | ~marked | ~replay", "~a & ~e & ~marked", "~all ~all ~all", "(~all )", "((~all ))", "(((~all )))",
    "!(!(~all ))", "~tcp | ~udp | ~dns ~e", "~e ~tcp | ~udp | ~dns", "~http ~q | ~c 200 & ~b needle",
    "~c 200 | ~c 404 | ~c 500 !~b needle", "(~c 200 | ~c 404) & (~b needle | ~u example)", "!~c 200 & !~c 404",
    "! ~c 200 ~c 404", "~u foo | ~u sentence & ~b foo", "sentence & !metadata", "sentence !metadata",
    "sentence | metadata ~b foo", "!sentence", "! sentence", "!!sentence", "(sentence)", "(sentence & ~m foo)",
    "! (sentence)", "!(sentence)example", "(sentence) (example)", "(sentence)(example)", "~c 200&~b needle",
    "~c 200|~c 404", "~c 200 & ~c 404|~c 500", "\"sentence\"&\"1\"", "\"sentence\"|'x'", "(~c 200)&(~c 200)",
];

#[rustfmt::skip]
const SPACES: &[&str] = &[
    " ~q", "~q ", "  ~q  ", "\n~q\n", "~q\n& ~s", "~q\r\n|\r\n~s", "\t~q", "~q\t| ~s", "~q\t\t&\t!~s", "~b\tneedle",
    "~b\n\nneedle", "~b    needle    ", "~c\n200", "( ~q )", "(\n~q\n)", "! \n ~q", "~u\u{e9}", "~b\u{e4}",
    "~q\u{e4}", "~q\u{a0}", "~all\u{b}", "~all\u{b}x", "~q\u{c}foo", "~comment\u{1c}line", "foo\u{b}bar",
    "~c\u{a0}200", "~u\u{3000}x", "~q \u{a0}", "\u{a0}", "\u{feff}",
];

#[rustfmt::skip]
const QUOTES: &[&str] = &[
    "~b \"needle\"", "~b 'needle'", "~b 'a needle'", "~b \"a needle\"", "~b \"a \\\"needle\"", "~b 'say \\'hi\\''",
    r#"~b "\\d+""#, r#"~b "\d+""#, r#"~u "\x41""#, r#"~u "\x42""#, r#"~u "\x422""#, r#"~u "\x72""#, r#"~u "\u0041""#,
    r#"~u "\u64""#, r#"~u "\u6""#, r#"~u "\103""#, r#"~u "\13""#, r#"~u "\03""#, r#"~b "\03""#, r#"~b "\0""#,
    r#"~b "\01""#, r#"~b "\x02""#, r#"~b "\x00""#, r#"~b "\n""#, r#"~b "\\n""#, r#"~b "line\r\n""#, r#"~b "\f""#,
    r#"~comment "\t""#, r#"~comment "\\t""#, r#"~comment "back\\\\slash""#, r#"~comment "back\\slash""#,
    r#"~comment "\"double\"""#, r#"~comment '\'single\''"#, r#"~comment "'single'""#, "~comment \"back\\slash\"",
    r#"~b "\é""#, r#"~b "é""#, "\"foo\"", "'foo'", "\"\"", "''", "\"foo\"'bar'", "\"sentence\"\"1\"", "~b\"needle\"",
    "~b'needle'", "~u \"foo\"bar", "~u \"sentence\"1", "~u foo\"bar\"", "~u \"a|b\"", "~u \"a|b&c!d\"",
    r#"~u "\(e\)""#, r#"~u "\\(e\\)""#, r#"~u "(e)""#, "~u \"~f\"", "~u '\"g'", "~u \"g'h\"", "~c \"200\"",
    "~c '200'", "~q \"foo\"", "\"~q\"", "'~q ~s'", "\"(\"", "\"\\(\"", "\"\\\\(\"", "~b \"\u{a0}\"",
    "~comment \"\u{2028}\"", "~comment 'naïve café'", "~comment \"foo\\nbar\"", "~comment \"foo\\\\nbar\"",
    "~b \"foo\\\\\"", "~b \"foo\\\"",
];

#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "", " ", "\t", "\n", "~", "~~", "~x", "~foo", "~Q", "~ALL", "~ q", "~b", "~b ", "~u", "~c", "~c x", "~c -1",
    "~c +1", "~c ~q", "~c (200)", "~u ~q", "~u (foo)", "~b )", "(", ")", "()", "( )", "(~q", "(~q ", "~q )", "(~q))",
    "((~q )", "~q)", "(~q)", "~q&~s", "~q& ~s", "~q|~s", "~q\"foo\"", "~q(foo)", "a b)", "(a b)", "(a b | c)",
    "(a | b c)", "(~q ~s )", "(!a !b)", "\"", "'", "\"foo", "'foo", "foo'", "it's", "\"foo\nbar\"", "'foo\rbar'",
    "\"foo\\\nbar\"", "~b \"unclosed", "~u foo~q", "foo~bar", "~", "foo ~", "!~", "~u [", "~u (", "~u *", "~b *", "[",
    "*", "+", "?", "a**", "~b a{2}{3}", "~b a{3,2}", "~b \\", "~b [z-a]", "~b x{99999999999}", "~b \"(\"",
    "~b \"a)\"", "~b \"(?P<a\"", "~c 200 )", "~c", "~websocketx", "~websockets", "~markers foo", "~dnsx", "~h", "~hq",
    "~hs", "~t", "~tq", "~ts", "~m", "~d", "~src", "~dst", "~meta", "~marker", "~comment", "~bq", "~bs", "~replayqs",
    "~replay&~q", "!(", "!)", "!()", "& (", "~q & (", "~q | )", "~q ! )",
];

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "foo&bar", "foo|bar", "a|b&c", "&foo", "|foo", "x!", "foo!", "foo!bar", "!foo!", "foo &bar", "foo & bar",
    "foo |bar", "foo| bar", "foo& bar", "~u a|b", "~u a&b", "~u !x", "~u c!d", "~u |", "~u &", "~u !", "~u ||",
    "~b |", "~b &", "~b !", "~m |", "~u a | ~u b", "~u a |b", "~u a| b", "sentence/1|metadata", "sentence&metadata",
    "example:8080", "http://named.example:8080/", "~c 200foo", "~c 200sentence", "~c 200.", "~c 200 201",
    "~c 200\"foo\"", "~c 200(foo)", "~c200", "%2F", "q=1#f", "=", "-", ",", ";", "\u{e9}", "\u{4e2d}\u{6587}",
    "[abc]", "{", "}", "{}", "{2}", "<>", "`", "@", "\\d", "\\.", "a\\|b", "_", "^", "$", "^$", ".", ".*", "foo\\",
    "a(b)c", "a(b)(c)", "sentence (1)", "(foo)bar", "foo(bar)",
];

#[rustfmt::skip]
const REGEX: &[&str] = &[
    "~comment fo+", "~comment fo*", "~comment fo?b", "~comment o{2}", "~comment o{2,}", "~comment o{,2}b",
    "~comment o{1,2}b", "~comment a{3}", "~comment ^a{3}$", "~comment ^a{3,4}", "~comment a{4,}", "~comment a{,}",
    "~comment ^a{,3}$", "~comment a+?b", "~comment a*?", "~comment a??b", "~comment {2}", "~comment x{2}",
    "~comment x\\{2}", "~comment {,3}", "~comment x\\{,3", "~comment {}", "~comment {a}", "~comment {1,",
    "~comment x{1,", "~comment f.o", "~comment f..b", "~comment foo.bar", r"~comment foo\sbar", r"~comment foo\nbar",
    "~comment foo|cafe", "~comment ^foo|bar$", "~comment \"(foo|bar)123\"", "~comment \"(?:foo|bar)123\"",
    "~comment \"f(o)(o)\"", "~comment \"(foo)+\"", "~comment \"(foo){2}\"", "~comment \"(a|b)+ (c|d)+\"",
    "~comment \"(?i)FOO\"", "~comment FOO", "~comment Foo", r"~comment \.", r"~comment \*c",
    r"~comment a\.b\*c\+d\?e\^f\$g", r"~comment \(l\)m\|n", r"~comment \[j\]", r"~comment \{h\}", r"~comment \x66oo",
    r"~comment \x4b", r"~comment \x00", r"~comment \0", r"~comment \01", r"~comment \001", r"~comment \7",
    r"~comment \146oo", r"~comment \u0041", r"~comment \u00e4", r"~comment \u4e2d", r"~comment \U0001f600",
    r"~comment \U00000041", r"~comment \a", r"~comment \f", r"~comment \v", r"~comment \t", r"~comment \r",
    r"~comment \n", r"~comment \q", r"~comment \-", r"~comment \:", r"~comment \ä", r"~comment \x4", r"~comment \xzz",
    r"~comment \u12", r"~comment \U1234", r"~comment \U99999999", r"~comment \8", r"~comment \400", r"~comment \777",
    r"~comment \N", r"~comment \p", r"~comment \z", r"~comment \G", r"~comment \Q", r"~b \x66oo", r"~b \u0041",
    r"~b \U00000041", r"~b \146", r"~b \377", r"~b \xc3\xa4", "~b ä", "~b Ä", "~b ä?z", "~b ä+", "~b [ä]",
    "~b ^[ä]+$", r"~b \xc3[ä]", "~b ü*", "~b mixed", "~b CASE", "~b k", "~b \u{212a}", "~m ä", "~m \"na.ve\"",
    "~m na..ve", "~m caf.$", "~b .\\xa4", "~tq ß", "~tq SS", "~b a.c", "~bq one.line", "~bq line.two", "~m foo.bar",
    "~tq foo.bar", "~tq ^bar", "~tq foo$", "~m foo$", "~m ^foo$", "~hq foo$", "~hq ^bar", "~b foo$", "~b one$",
    "~b ^two",
];

#[rustfmt::skip]
const CLASSES: &[&str] = &[
    "~comment [fb]oo", "~comment [^f]oo", "~comment [a-f]oo", "~comment [A-F]oo", "~comment [a-c]b", "~comment [0-9]",
    "~comment ^[^0-9]+$", "~comment []]", "~comment [^]]", "~comment []a]", "~comment [^]a]", "~comment [a-]",
    "~comment [-a]", "~comment [a-c-e]", "~comment [a\\-z]", "~comment [\\]]", "~comment [[]", "~comment [[a]]",
    "~comment [a[b]", "~comment [&&]", "~comment [a&&b]", "~comment [a||b]", "~comment [--/]", "~comment [~~]",
    "~comment \"[~]\"", "~comment \"[()]\"", "~comment \"['\\\"]\"", "~comment [$^.*]", "~comment [^^]",
    r"~comment [\d]", r"~comment [\D]", r"~comment [^\d]", r"~comment [\w-]+@", r"~comment [\s]", r"~comment ^[\S]+$",
    r"~comment [\W]", r"~comment ^[\w]+$", r"~comment ^[^\W]+$", r"~comment [\w\s]", r"~comment ^[\d\s]+$",
    r"~comment ^[\D\d]+$", r"~comment [a-\d]", r"~comment [\d-a]", r"~comment [\d-]", r"~comment [\b]",
    r"~comment [\x00-\x1f]", r"~comment [\u4e00-\u9fff]", r"~comment [\t]", r"~comment [\n]", r"~comment [\101]",
    r"~comment [\8]", r"~comment [\A]", r"~comment [\Z]", r"~comment [\B]", r"~comment [\q]", r"~comment [\ä]",
    "~comment [ä]", "~comment [Ä]", "~comment [à-ü]", "~comment [z-a]", "~comment [a", "~comment [", "~comment []",
    "~comment [^]", "~comment [^", "~comment [a-", "~comment [\\", "~comment [\\x", "~comment [\\]", "~b [fb]oo",
    "~b [^f]oo", r"~b [\x80-\xff]", r"~b [^\x00-\x7f]", r"~b ^[\x00-\x7f]*$", r"~b [\d]", r"~b [^\s]", r"~b \W",
    r"~b \w", r"~b ^\w+$", r"~b ^\W", r"~b \S\xff", r"~b [\W]", "~b [A-Z]{3}", "~b [K-S]", r"~comment \d",
    r"~comment \D", r"~comment \s", r"~comment \S", r"~comment \w", r"~comment \W", r"~comment ^\w+$",
    r"~comment ^\W+$", r"~comment ^\s+$", r"~comment \d\d", r"~comment \d{3}", r"~comment \s\s", r"~comment \w\s\w",
    "~comment ı", "~comment İ", "~comment i", "~comment I", "~comment ^ist", "~comment k", "~comment K",
    "~comment \u{212a}", "~comment ſ", "~comment s", "~comment strasse", "~comment ß", "~comment ẞ", "~comment ω",
    "~comment Ω", "~comment \u{2126}", "~comment ς", "~comment Σ", "~comment σ", "~comment µ", "~comment μ",
    "~comment äöü", "~comment ÄÖÜ", "~comment [i]", "~comment [^i]", "~comment ^[^i]+$", "~comment [h-j]",
    "~comment [H-J]stan", "~comment [s]tra", "~comment [k]elvin", "~comment [^k]elvin",
];

#[rustfmt::skip]
const ANCHORS: &[&str] = &[
    "~comment ^foo", "~comment foo$", r"~comment foo\Z", r"~comment \Afoo", r"~comment \Abar", r"~comment ^\Z",
    r"~comment \A\Z", "~comment ^$", "~comment $^", "~comment ^^foo", "~comment foo$$", "~comment $", "~comment ^",
    r"~comment \bfoo\b", r"~comment \bbar", r"~comment bar\b", r"~comment \Bfoo", r"~comment foo\B", r"~comment \B",
    r"~comment \b", r"~comment \b$", r"~comment ^\b", r"~comment ^\B", r"~comment \B$", r"~comment é\b",
    r"~comment \bÄ", r"~comment ï\B", r"~comment \u0301\b", r"~comment \b\u0940", "~comment foo$.",
    "~comment foo.^bar", r"~comment foo$\nbar", r"~comment foo\n^bar", "~comment \"(^foo|^bar)$\"",
    "~comment \"(foo$|x)\"", "~marker ^foo", "~marker foo$", "~marker ^foo$", r"~marker foo\Z", r"~marker foo$\n",
    r"~marker foo$\Z", "~marker \"(foo|bar)$\"", "~marker \"(foo$|bar$)\"", "~marker \"(foo$)?\"", "~marker bar$",
    "~marker ^$", r"~marker ^\n", r"~marker \n$", r"~marker \n$\n", r"~marker $\n", r"~marker $$", r"~marker ^$\n",
    "~marker \"(?m)^bar\"", "~marker \"(?m:^)bar\"", "~marker \"(?m)foo$\"", r"~marker \Bo", r"~marker \bf",
    "~m foo$", "~m ^foo$", r"~m foo\Z", "~m ^bar", r"~m foo$\n", r"~m \bfoo\b", r"~m \Bfoo", r"~m foo\B", r"~m \B",
    r"~m \b", r"~m caf\b", r"~m \bcaf", "~tq foo$", "~tq ^$", r"~tq \B", r"~tq \b", r"~tq ^\B$", r"~tq \Z", r"~tq \A",
    "~b foo$", r"~b foo\Z", "~b ^foo$", r"~b foo$\n", r"~b \n$", "~b \"(?m)^bar$\"", "~h ^content-type:.foo$",
    r"~hq foo\r$", "~hq :.foo.$", "~hq ^$", r"~hq \A", r"~hq \n\Z", r"~hq \n$",
];

#[rustfmt::skip]
const GROUPS: &[&str] = &[
    "~comment \"(foo)\"", "~comment \"((f)(o))o\"", "~comment \"()\"", "~comment \"(?:)\"", "~comment \"(|foo)\"",
    "~comment \"(foo|)\"", "~comment \"(||)\"", "~comment \"|\"", "~comment |foo", "~comment foo|",
    "~comment \"(?P<x>foo)\"", "~comment \"(?P<x>foo)(?P<x>bar)\"", "~comment \"(?P<1>foo)\"",
    "~comment \"(?P<>foo)\"", "~comment \"(?P<a-b>foo)\"", "~comment \"(?P<ä>foo)\"", "~b \"(?P<ä>foo)\"",
    "~b \"(?P<a>foo)\"", "~comment \"(?P<x>foo\"", "~comment \"(?<x>foo)\"", "~comment \"(?P>x)\"",
    "~comment \"(?P\"", "~comment \"(?\"", "~comment \"(?)\"", "~comment \"(?:foo\"", "~comment \"foo)\"",
    "~comment \"(?#comment)foo\"", "~comment \"foo(?#x)+\"", "~comment \"(?#foo\"", "~comment \"(?:a)*\"",
    "~comment \"(?:a*)*b\"", "~comment \"(a|ab)(c|bcd)\"", "~comment \"(?:foo|bar){2}\"",
    "~comment \"(ab){2} (cd){2}\"", "~comment \"((a)|(b))+\"", "~comment \"(?:a|b|c|d)+\"",
    "~comment \"(?:(?:a)+)+\"", "~comment \"(a*)+\"", "~comment \"(a*)*\"", "~comment \"(^)*\"",
    "~comment \"(?:^)*foo\"", "~comment ^*", "~comment $*", r"~comment \b*", r"~comment \b+foo", "~comment a*b*",
    "~comment a**", "~comment a*+", "~comment a*?+", "~comment a+*", "~comment a{2}*", "~comment a{2}+",
    "~comment a{2}?b", "~comment a?+b", "~comment +a", "~comment ?a", "~comment *", "~comment {", "~comment {1}",
    "~comment a{1", "~comment a{1,2", "~comment a{,", "~comment a{x}", "~comment a{1,x}", "~comment a{2,1}",
    "~comment a{0}", "~comment a{0,0}b", "~comment a{4294967295}", "~comment |*", "~comment \"(*)\"",
    "~comment \"(+a)\"", "~comment \"(|*)\"", "~comment \"a|+\"",
];

#[rustfmt::skip]
const FANCY: &[&str] = &[
    "~comment \"foo(?=bar)\"", "~comment \"foo(?!bar)\"", "~comment \"(?<=bar)foo\"", "~comment \"(?<!bar)foo\"",
    "~comment \"(?<=^)foo\"", "~comment \"(?<=a|b)b\"", "~comment \"(?<=ab|c)d\"", "~comment \"(?<=a+)b\"",
    "~comment \"(?<=a{2})b\"", "~comment \"(?<=a?)b\"", "~comment \"(?<=(a))b\"", "~comment \"(?<=(a)\\\\1)b\"",
    "~comment \"(a)(?<=\\\\1)b\"", "~comment \"(?=foo)\"", "~comment \"(?!foo)\"", "~comment \"^(?!.*foo)\"",
    "~comment \"^(?!.*foo).+$\"", "~comment \"(?=.*foo)(?=.*bar)\"", "~comment \"(?=a)*\"", "~comment \"(?!a)+b\"",
    r#"~comment "(a)\\1""#, r#"~comment "(ab)\\1""#, r#"~comment "(foo).*\\1""#, r#"~comment "(\\w+) \\1""#,
    r#"~comment "(\\w)\\1""#, r#"~comment "(.)(.)\\2\\1""#, r#"~comment "(?P<x>f)oo.*(?P=x)oo""#,
    r#"~comment "(?P=x)""#, r#"~comment "\\1""#, r#"~comment "(a)\\2""#, r#"~comment "(a\\1)""#,
    r#"~comment "(?P<x>a(?P=x))""#, r#"~comment "\\1(a)""#, r#"~comment "(a)|\\1b""#, r#"~comment "(a)?\\1b""#,
    r#"~comment "(f)OO.*\\1oo""#, r#"~comment "(Ä).*\\1""#, r#"~comment "(abc)\\1""#,
    r#"~comment "(a)(b)(c)\\1\\2\\3""#, r#"~comment "(a)\\10""#, r#"~comment "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10""#,
    r#"~comment "(a)\\11""#, r#"~comment "(f)\\1?oo""#, "~comment \"(?>fo*)o\"", "~comment \"(?>fo?)o\"",
    "~comment \"(?>a|ab)c\"", "~comment fo++", "~comment fo*+o", "~comment fo?+o", "~comment fo{1,2}+o",
    "~comment fo{1}+o", "~comment \"(f)?(?(1)oo|aa)\"", "~comment \"^(f)?(?(1)oo|aa)\"",
    "~comment \"(?P<q>')?x(?(q)'|y)\"", "~comment \"(?(1)a|b)(f)\"", "~comment \"(?(2)a|b)(f)\"",
    "~comment \"(?(0)a)\"", "~comment \"(?(x)a)\"", "~comment \"(f)(?(1)oo)\"", "~comment \"(f)(?(1)a|b|c)\"",
    "~comment \"(f)?(?(1)|xyz)\"", "~comment \"(?(\"", "~comment \"(?(1\"", "~comment \"(f)(?(1)o\"",
    "~comment \"(?<\"", "~comment \"(?<=\"", "~comment \"(?<!\"", "~comment \"(?=\"", "~comment \"(?<x)\"",
    "~comment \"(?>\"", "~comment \"(?P=\"", "~comment \"(?P=x\"", "~b \"foo(?=bar)\"", "~b \"(?<=bar)foo\"",
    r#"~b "(ab)\\1""#, r#"~b "(\\xc3).*\\1""#, r#"~b "(?<!\\xc3)\\xa4""#, r#"~b "(?<=\\xc3)\\xa4""#,
    r#"~b "(?=\\xff)\\xff\\xfe""#, r#"~b "(?<=[^\\x00-\\x7f])[\\x80-\\xff]""#, r#"~b "(?i:FOO)(?=bar)""#,
    r#"~b "(ä).*\\1""#, "~b \"^(?!.*needle)\"", "~b \"(?s)^(?!.*needle)\"", r#"~b "(\\w)\\1{3}""#,
    "~b \"(?>hay )+hay $\"", "~b \"(?<=ä)ä\"", "~m \"(?<=é)\"", "~u \"(?<=/)socket(?=/1)\"", "~d \"^(?!plain)\"",
    "~dst \"(?<!8)443\"", r#"~h "^([\\w-]+): .*(?<!x)html""#, "~hq \"^(?!host)\"",
];

#[rustfmt::skip]
const TEXT: &[&str] = &[
    "~comment naïve", "~comment NAÏVE", "~comment na.ve", "~comment caf\\w", r"~comment caf\w\b", "~comment 中文",
    r"~comment 中\w", r"~comment \w文", "~comment \u{1f600}", "~comment \u{1f600}.", "~comment ^emoji...\u{1f469}",
    "~comment \u{200d}", r"~comment \s\u00a0", r"~comment nbsp\shere", r"~comment here\sline", r"~comment line\sfile",
    r"~comment file\snext", "~comment nbsp.here", "~comment here.line", "~comment file.next", "~comment ^next",
    "~comment here$", "~comment line$", r"~comment \u2028", r"~comment \u0660", r"~comment \d\d\d",
    r"~comment [\d]{3}", r"~comment ½\b", r"~comment \w²", r"~comment \bⅧ\b", r"~comment \u0940\W",
    r"~comment \W\u0301", r"~comment tab\there", "~comment five.six", r"~comment four\sfive\ssix", r"~comment \x7f",
    r"~comment \x1f", r"~comment [^ -~]", r"~comment ^[ -~\n]*$", "~u stra\u{df}e/.", r"~u \W\w\w$", "~u [^ -~]",
    "~u [^\\x00-\\x7f]", r"~u bytes/.{3}\?", r"~u bytes/.\?", "~d broken.\\.", "~d broken..\\.", "~meta \u{e4}",
    "~meta Ä", r"~meta \w\u200b", "~d B\u{dc}CHER",
];

#[rustfmt::skip]
const FLAGS: &[&str] = &[
    "~comment \"(?i)foo\"", "~comment \"(?-i:FOO)\"", "~comment \"(?-i:foo)BAR\"", "~comment \"(?s)foo.bar\"",
    "~comment \"(?s:foo.bar)\"", "~comment \"(?-s:foo.bar)\"", "~comment \"(?m)^bar\"", "~comment \"(?-m:^)bar\"",
    "~comment \"(?-m:foo$)\"", "~comment \"(?x) f o o \"", "~comment \"(?x)f\\\\ o\"", "~comment \"(?x)f[ ]o\"",
    "~comment \"(?x: f o o )123\"", "~comment \"(?x)foo # bar\"", "~comment \"(?x)foo # bar\\n 123\"",
    "~comment \"(?x)(?-x: )foo\"", "~comment \"(?x) (?i) FOO\"", "~comment \"(?x)f o+ |b a r\"",
    "~comment \"(?a)\\\\w\\\\W\"", r#"~comment "(?a)na\\wve""#, r#"~comment "na(?a:\\w)ve""#,
    r#"~comment "(?a)na\\Wve""#, r#"~comment "(?a)\\bve""#, r#"~comment "(?a)NAÏVE""#, "~comment \"(?a)KELVIN K\"",
    "~comment \"(?a)k\"", "~comment \"(?a)i\"", "~comment \"(?a)[k]\"", "~comment \"(?a)[^k]elvin\"",
    r#"~comment "(?a)\\s""#, r#"~comment "(?a)\\d\\d\\d""#, r#"~comment "(?u)\\w""#, "~comment \"(?au)x\"",
    "~comment \"(?a:x(?u:y))\"", "~comment \"(?L)x\"", "~b \"(?u)x\"", "~b \"(?a)foo\"", "~b \"(?a:foo)\"",
    "~b \"(?i)FOO\"", "~b \"(?-i:FOO)\"", "~b \"(?-i:foo)\"", "~b \"(?-s:line.third)\"", "~b \"(?s)line.second\"",
    "~b \"(?m)^second\"", "~b \"(?m)^third\"", "~b \"(?x) need le\"", "~b \"(?-s)a\"", "~comment foo(?i)",
    "~comment \"foo(?i)\"", "~comment \"(foo(?i))\"", "~comment \"(?i)(?s)foo.bar\"", "~comment \"(?im)FOO\"",
    "~comment \"(?i\"", "~comment \"(?i-\"", "~comment \"(?i-)foo\"", "~comment \"(?i-i:foo)\"",
    "~comment \"(?-i)foo\"", "~comment \"(?z)foo\"", "~comment \"(?iz)foo\"", "~comment \"(?-:foo)\"",
    "~comment \"(?i-s:foo)\"", "~comment \"(?i-sm:foo)\"", "~comment \"(?-ism:foo)\"", "~comment \"(?-a:foo)\"",
    "~comment \"(?i:foo\"", "~comment \"|(?i)foo\"", "~comment \"a|(?i)foo\"", "~comment \"(?i)a|FOO\"",
    "~comment \"(?:(?i)foo)\"", "~comment \"(?i:)foo\"", "~comment \"(?i)\"", "~comment \"(?i)*\"",
    "~comment \"(?#x)(?i)foo\"", "~comment \" (?i)foo\"", "~comment \"(?x) (?#c) (?i)foo\"",
    "~comment \"(?m-m:foo)\"", "~marker \"(?s)foo.bar\"", "~m \"(?s)foo.bar\"",
];

#[rustfmt::skip]
const ODD: &[&str] = &[
    "~comment a.b", r"~comment \d+-\d+", r"~comment ^.{5}$", r"~comment ^.{3,6}$", "~comment ^(?:.|\n){4}$",
    "~comment \"^(?:.|\\\\n){4}$\"", r"~b ^.{4}$", "~b ^.{0,12}$", "~comment <a.*?>", "~comment <[^>]+>",
    "~comment \"href='(.*?)'\"", r"~comment (\w+)=(\w+)", r#"~comment "(\\w+)=(\\w+)""#, "~comment \"key\\\\d?=\"",
    r#"~u "^https?://[^/]+:\\d+/""#, r#"~u "sentence/(1|2)\\d$""#, r#"~u "sentence/\\d$""#,
    "~u \"/(socket|metadata)\"", r#"~u "\\.(example|test)/""#, r#"~dst "\\.1:""#, r#"~src "^(127|192)\\.""#,
    r#"~h "^content-(type|encoding): (text|gzip)""#, r#"~b "\"op\": \"(error|hello)\"""#,
    r#"~bs "\"op\": \"error\"""#, r#"~bq "\"op\": \"error\"""#, r#"~b "\\{.*\\}""#, r#"~bs "^\\{""#,
    r#"~b "\\x08\\x96\\x01""#, r#"~bq "\\x08.*\\xff""#, r#"~bs "^\\x00{2000}$""#, "~websocket & ~b needle",
    "~websocket & !~b needle", "~websocket ~bq needle", "~websocket ~bs needle", "~tcp ~bq needle", "~tcp ~bs needle",
    "~udp & ~bq \"\\\\xff\"", "~dns & ~bs deadbeef", "~dns & !~s", "~dns & ~e", "~dns ~u first", "~dns & ~d dns",
    "~dns & ~c 200", "~tcp & ~u example", "~tcp & ~q", "~tcp & ~s", "~tcp & ~h x", "~tcp & ~m x", "~udp & ~a",
    "~websocket & ~c 101 & ~u socket", "~websocket & ~u ^ws", "~http & ~e", "~http & ~q & ~e", "~marked & ~comment .",
    "~marked & !~marker foo", "~replay & ~replayq", "~replay & ~replays", "~replayq | ~replays",
    "~replayq & ~replays", "~meta . & ~comment .", "~a & ~ts image", "~a & ~ts css",
];
