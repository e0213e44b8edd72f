//! libgan in safe Rust: each handle is freed when it is dropped, each error is a `Result`. The library keeps alive
//! what its objects need, so they may be dropped in any order; a layer is bound to its graph by a lifetime.

#[allow(non_camel_case_types)]
mod raw;

use std::ffi::{CStr, CString};
use std::ptr::{null, null_mut};

/// What went wrong: a name such as GAN_ERROR_SHAPE, and words.
#[derive(Debug)]
pub struct Error {
    pub name: String,
    pub message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for Error {}

pub type Result<T> = std::result::Result<T, Error>;

fn check(status: i32) -> Result<()> {
    if status == raw::GAN_OK {
        return Ok(());
    }
    // Both are never NULL; the message is this thread's, valid until its next call.
    let text = |words| unsafe { CStr::from_ptr(words) }.to_string_lossy().into_owned();
    Err(Error { name: text(unsafe { raw::gan_status_name(status) }), message: text(unsafe { raw::gan_error_message() }) })
}

fn c_string(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error {
        name: "GAN_ERROR_ARGUMENT".into(),
        message: format!("{text:?} holds a zero byte"),
    })
}

/// A handle that the library gives through its first argument, and the call that frees it.
macro_rules! handle {
    ($(#[$words:meta])* $name:ident, $raw:ident, $free:ident) => {
        $(#[$words])*
        pub struct $name(*mut raw::$raw);

        impl $name {
            fn create(call: impl FnOnce(*mut *mut raw::$raw) -> i32) -> Result<Self> {
                let mut handle = null_mut();
                check(call(&mut handle))?;
                Ok(Self(handle))
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                unsafe { raw::$free(self.0) }
            }
        }
    };
}

handle!(
    /// Worker threads and the random seed of all that is made from it.
    Context, gan_context, gan_context_free
);
handle!(
    /// An array of float32; pictures are [1, H, W, 3], 0 to 1.
    Tensor, gan_tensor, gan_tensor_free
);
handle!(Graph, gan_graph, gan_graph_free);
handle!(Model, gan_model, gan_model_free);
handle!(Optimizer, gan_optimizer, gan_optimizer_free);
handle!(
    /// A loss, the models that it may change, an optimizer.
    Objective, gan_objective, gan_objective_free
);

// Contexts serve several threads at once, and a tensor is a plain array. Models and objectives share parameters,
// so they stay in the thread that made them: the library works with threads of its own.
unsafe impl Send for Context {}
unsafe impl Sync for Context {}
unsafe impl Send for Tensor {}
unsafe impl Sync for Tensor {}

impl Context {
    /// `threads` 0: one per processor.
    pub fn new(threads: i32, seed: u64) -> Result<Self> {
        let options = raw::gan_context_options {
            struct_size: std::mem::size_of::<raw::gan_context_options>(),
            threads,
            kernels: 0,
            seed,
            allocator: null(),
            log: null(),
            log_user: null_mut(),
        };
        Self::create(|out| unsafe { raw::gan_context_create(out, &options) })
    }
}

impl Tensor {
    pub fn zeros(context: &Context, shape: &[i64]) -> Result<Self> {
        let rank = shape.len() as i32;
        Self::create(|out| unsafe {
            raw::gan_tensor_create(out, context.0, raw::GAN_FLOAT32, shape.as_ptr(), rank)
        })
    }

    pub fn load_image(context: &Context, path: &str) -> Result<Self> {
        let path = c_string(path)?;
        Self::create(|out| unsafe { raw::gan_image_load(out, null_mut(), context.0, path.as_ptr()) })
    }

    /// The format follows the ending: .png, .jpg, .bmp, .tga.
    pub fn save_image(&self, path: &str) -> Result<()> {
        let path = c_string(path)?;
        check(unsafe { raw::gan_image_save(self.0, null(), path.as_ptr(), 0) })
    }

    pub fn resize(&self, height: i64, width: i64) -> Result<Self> {
        Self::create(|out| unsafe { raw::gan_image_resize(out, self.0, height, width) })
    }

    pub fn crop(&self, top: i64, left: i64, height: i64, width: i64) -> Result<Self> {
        Self::create(|out| unsafe { raw::gan_image_crop(out, self.0, top, left, height, width) })
    }

    pub fn size(&self, axis: i32) -> i64 {
        unsafe { raw::gan_tensor_size(self.0, axis) }
    }

    /// The elements, where they lie.
    pub fn values(&self) -> &[f32] {
        let count = unsafe { raw::gan_tensor_count(self.0) } as usize;
        unsafe { std::slice::from_raw_parts(self.data(), count) }
    }

    pub fn values_mut(&mut self) -> &mut [f32] {
        let count = unsafe { raw::gan_tensor_count(self.0) } as usize;
        unsafe { std::slice::from_raw_parts_mut(self.data(), count) }
    }

    fn data(&self) -> *mut f32 {
        assert_eq!(unsafe { raw::gan_tensor_type(self.0) }, raw::GAN_FLOAT32);
        unsafe { raw::gan_tensor_data(self.0) }.cast()
    }
}

/// A node of a graph.
#[derive(Clone, Copy)]
pub struct Layer<'graph> {
    layer: *mut raw::gan_layer,
    graph: &'graph Graph,
}

impl Graph {
    pub fn new(context: &Context) -> Result<Self> {
        Self::create(|out| unsafe { raw::gan_graph_create(out, context.0) })
    }

    /// Sizes of -1 are open.
    pub fn input(&self, name: &str, shape: &[i64]) -> Result<Layer<'_>> {
        let name = c_string(name)?;
        self.layer(unsafe { raw::gan_input(self.0, name.as_ptr(), shape.as_ptr(), shape.len() as i32) })
    }

    fn layer(&self, layer: *mut raw::gan_layer) -> Result<Layer<'_>> {
        check(unsafe { raw::gan_graph_status(self.0) })?;
        assert!(!layer.is_null(), "a graph without an error gives layers");
        Ok(Layer { layer, graph: self })
    }
}

impl<'graph> Layer<'graph> {
    /// Mean of the squared differences.
    pub fn squared_error(self, target: Layer<'graph>) -> Result<Layer<'graph>> {
        self.graph.layer(unsafe { raw::gan_mean_squared_error(self.layer, target.layer) })
    }
}

impl Model {
    pub fn load(context: &Context, path: &str) -> Result<Self> {
        let path = c_string(path)?;
        Self::create(|out| unsafe { raw::gan_model_load(out, context.0, path.as_ptr()) })
    }

    /// An image-transformation network (Johnson et al. 2016) with fresh weights.
    pub fn johnson(context: &Context, channels: i32, blocks: i32) -> Result<Self> {
        let options = raw::gan_johnson_options {
            struct_size: std::mem::size_of::<raw::gan_johnson_options>(),
            channels,
            blocks,
            ..Default::default()
        };
        Self::create(|out| unsafe { raw::gan_johnson_create(out, context.0, &options) })
    }

    pub fn save(&self, path: &str) -> Result<()> {
        let path = c_string(path)?;
        check(unsafe { raw::gan_model_save(self.0, path.as_ptr(), raw::GAN_STORE_FLOAT32) })
    }

    pub fn run(&self, input: &Tensor) -> Result<Tensor> {
        Tensor::create(|out| unsafe { raw::gan_model_run(self.0, input.0, out) })
    }

    /// A picture in 0..1 to a picture in 0..1 of the same size, as the model's metadata says.
    pub fn stylize(&self, picture: &Tensor) -> Result<Tensor> {
        Tensor::create(|out| unsafe { raw::gan_model_stylize(self.0, picture.0, out) })
    }

    pub fn metadata(&self, key: &str) -> Option<String> {
        let key = CString::new(key).ok()?;
        let words = unsafe { raw::gan_model_metadata(self.0, key.as_ptr()) };
        (!words.is_null()).then(|| unsafe { CStr::from_ptr(words) }.to_string_lossy().into_owned())
    }

    /// Applied to a layer, a model is a layer.
    pub fn apply<'graph>(&self, x: Layer<'graph>) -> Result<Layer<'graph>> {
        x.graph.layer(unsafe { raw::gan_apply(self.0, x.layer) })
    }
}

impl Optimizer {
    pub fn adam(context: &Context, learning_rate: f32) -> Result<Self> {
        let options = raw::gan_adam_options {
            struct_size: std::mem::size_of::<raw::gan_adam_options>(),
            learning_rate,
            ..Default::default()
        };
        Self::create(|out| unsafe { raw::gan_adam_create(out, context.0, &options) })
    }
}

impl Objective {
    pub fn new(loss: Layer<'_>, inputs: &[Layer<'_>], models: &[&Model], optimizer: &Optimizer) -> Result<Self> {
        let inputs: Vec<_> = inputs.iter().map(|input| input.layer).collect();
        let models: Vec<_> = models.iter().map(|model| model.0).collect();
        Self::create(|out| unsafe {
            raw::gan_objective_create(
                out, loss.layer, inputs.as_ptr(), inputs.len() as i32, models.as_ptr(), models.len() as i32,
                optimizer.0, null(),
            )
        })
    }

    /// One step on a batch; the loss before it.
    pub fn step(&mut self, batch: &[&Tensor]) -> Result<f32> {
        let tensors: Vec<_> = batch.iter().map(|tensor| tensor.0 as *const _).collect();
        let mut loss = f32::NAN;
        check(unsafe { raw::gan_objective_step(self.0, tensors.as_ptr(), tensors.len() as i32, &mut loss) })?;
        Ok(loss)
    }
}
