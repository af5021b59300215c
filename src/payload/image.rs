//! Images: which type, and how many pixels.

use imagesize::ImageType;

use super::body::Body;
use super::{NotThat, Payload};

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    (!payload.is_text && name(payload.content).is_some()).then_some("it starts as such an image, and has a size")
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let name = name(payload.content).ok_or(NotThat("it does not start as an image of a known type"))?;
    let size = imagesize::blob_size(payload.content).map_err(|_| NotThat("the size of the image is not in it"))?;
    Ok(Body::bytes(payload.content).summed_up(format!("{name} {}×{}", size.width, size.height)))
}

/// The type of an image that is one beyond doubt.
fn name(content: &[u8]) -> Option<&'static str> {
    Some(match imagesize::image_type(content).ok()? {
        ImageType::Bmp => "bmp",
        ImageType::Gif => "gif",
        ImageType::Heif(_) => "heif",
        ImageType::Ico => "ico",
        ImageType::Jpeg => "jpeg",
        ImageType::Jxl => "jxl",
        ImageType::Png => "png",
        ImageType::Psd => "psd",
        ImageType::Tiff => "tiff",
        ImageType::Webp => "webp",
        _ => return None,
    })
}
