//! A generator that learns, for a few steps, to give back the picture that it gets: the smallest objective there is.
//! train PHOTO.jpg MODEL.safetensors [STEPS]

use gan::{Context, Graph, Model, Objective, Optimizer, Result, Tensor};

fn make_objective(context: &Context, generator: &Model) -> Result<Objective> {
    let graph = Graph::new(context)?;
    let photo = graph.input("photo", &[-1, -1, -1, 3])?;
    let loss = generator.apply(photo)?.squared_error(photo)?;
    let optimizer = Optimizer::adam(context, 0.003)?;
    Objective::new(loss, &[photo], &[generator], &optimizer) // graph and optimizer live on in it
}

fn train(photo_path: &str, model_path: &str, steps: u32) -> Result<()> {
    let context = Context::new(0, 1)?;
    let generator = Model::johnson(&context, 8, 1)?;
    let mut objective = make_objective(&context, &generator)?;
    let batch = Tensor::load_image(&context, photo_path)?.resize(64, 64)?;
    for step in 1..=steps {
        println!("step {step}: loss {:.6}", objective.step(&[&batch])?);
    }
    generator.save(model_path)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [photo, model] => train(photo, model, 20),
        [photo, model, steps] => train(photo, model, steps.parse().unwrap_or(20)),
        _ => {
            eprintln!("usage: train PHOTO MODEL [STEPS]");
            std::process::exit(2);
        }
    };
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
