//! A photo through a trained generator: stylize MODEL.safetensors PHOTO.jpg RESULT.png

use gan::{Context, Model, Result, Tensor};

fn stylize(model_path: &str, photo_path: &str, result_path: &str) -> Result<()> {
    let context = Context::new(0, 0)?;
    let model = Model::load(&context, model_path)?;
    let photo = Tensor::load_image(&context, photo_path)?;
    model.stylize(&photo)?.save_image(result_path)
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
