//! A photo through a trained generator: stylize MODEL.safetensors PHOTO.jpg RESULT.png

use gan::{Context, Model, Result, Tensor};

/// Networks differ in the numbers that they take for dark and bright; their metadata says which.
fn range_of(model: &Model, key: &str) -> (f32, f32) {
    match model.metadata(key).as_deref() {
        Some("0..255") => (255.0, 0.0),
        Some("-1..1") => (2.0, -1.0),
        _ => (1.0, 0.0),
    }
}

fn stylize(model_path: &str, photo_path: &str, result_path: &str) -> Result<()> {
    let context = Context::new(0, 0)?;
    let model = Model::load(&context, model_path)?;
    let mut photo = Tensor::load_image(&context, photo_path)?;
    let (scale, offset) = range_of(&model, "input_range");
    photo.values_mut().iter_mut().for_each(|value| *value = *value * scale + offset);
    let mut result = model.run(&photo)?;
    let (scale, offset) = range_of(&model, "output_range");
    result.values_mut().iter_mut().for_each(|value| *value = (*value - offset) / scale);
    // Networks with strides give a few pixels too many where the size is odd.
    result.crop(0, 0, photo.size(1), photo.size(2))?.save_image(result_path)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [model, photo, result] => stylize(model, photo, result),
        _ => {
            eprintln!("usage: stylize MODEL PHOTO RESULT");
            std::process::exit(2);
        }
    };
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
