//! The calls of libgan that this crate uses, as gan/*.h declares them.

use std::ffi::c_void;
use std::os::raw::c_char; // also in std::ffi since Rust 1.64

macro_rules! handles {
    ($($name:ident),*) => { $(#[repr(C)] pub struct $name { _private: [u8; 0] })* };
}
handles!(gan_context, gan_tensor, gan_graph, gan_layer, gan_model, gan_optimizer, gan_objective);

pub const GAN_OK: i32 = 0;
pub const GAN_FLOAT32: i32 = 0;
pub const GAN_STORE_FLOAT32: i32 = 0;

#[repr(C)]
pub struct gan_context_options {
    pub struct_size: usize,
    pub threads: i32,
    pub kernels: i32,
    pub seed: u64,
    pub allocator: *const c_void,
    pub log: *const c_void,
    pub log_user: *mut c_void,
}

#[repr(C)]
#[derive(Default)]
pub struct gan_johnson_options {
    pub struct_size: usize,
    pub channels: i32,
    pub blocks: i32,
    pub kernel: i32,
    pub upsampling: i32,
    pub output: i32,
    pub normalize_output: i32,
    pub no_bias: i32,
    pub epsilon: f32,
}

#[repr(C)]
#[derive(Default)]
pub struct gan_adam_options {
    pub struct_size: usize,
    pub learning_rate: f32,
    pub beta1: f32,
    pub beta2: f32,
    pub epsilon: f32,
    pub weight_decay: f32,
}

extern "C" {
    pub fn gan_error_message() -> *const c_char;
    pub fn gan_status_name(status: i32) -> *const c_char;

    pub fn gan_context_create(out: *mut *mut gan_context, options: *const gan_context_options) -> i32;
    pub fn gan_context_free(context: *mut gan_context);

    pub fn gan_tensor_create(
        out: *mut *mut gan_tensor, context: *mut gan_context, kind: i32, shape: *const i64, rank: i32,
    ) -> i32;
    pub fn gan_tensor_free(tensor: *mut gan_tensor);
    pub fn gan_tensor_size(tensor: *const gan_tensor, axis: i32) -> i64;
    pub fn gan_tensor_count(tensor: *const gan_tensor) -> i64;
    pub fn gan_tensor_type(tensor: *const gan_tensor) -> i32;
    pub fn gan_tensor_data(tensor: *mut gan_tensor) -> *mut c_void;

    pub fn gan_image_load(
        picture: *mut *mut gan_tensor, alpha: *mut *mut gan_tensor, context: *mut gan_context, path: *const c_char,
    ) -> i32;
    pub fn gan_image_save(
        picture: *const gan_tensor, alpha: *const gan_tensor, path: *const c_char, quality: i32,
    ) -> i32;
    pub fn gan_image_resize(out: *mut *mut gan_tensor, picture: *const gan_tensor, height: i64, width: i64) -> i32;
    pub fn gan_image_crop(
        out: *mut *mut gan_tensor, picture: *const gan_tensor, top: i64, left: i64, height: i64, width: i64,
    ) -> i32;

    pub fn gan_graph_create(out: *mut *mut gan_graph, context: *mut gan_context) -> i32;
    pub fn gan_graph_free(graph: *mut gan_graph);
    pub fn gan_graph_status(graph: *const gan_graph) -> i32;
    pub fn gan_input(graph: *mut gan_graph, name: *const c_char, shape: *const i64, rank: i32) -> *mut gan_layer;
    pub fn gan_mean_squared_error(x: *mut gan_layer, target: *mut gan_layer) -> *mut gan_layer;

    pub fn gan_johnson_create(
        out: *mut *mut gan_model, context: *mut gan_context, options: *const gan_johnson_options,
    ) -> i32;
    pub fn gan_model_load(out: *mut *mut gan_model, context: *mut gan_context, path: *const c_char) -> i32;
    pub fn gan_model_save(model: *const gan_model, path: *const c_char, storage: i32) -> i32;
    pub fn gan_model_free(model: *mut gan_model);
    pub fn gan_model_run(model: *mut gan_model, input: *const gan_tensor, out: *mut *mut gan_tensor) -> i32;
    pub fn gan_model_stylize(model: *mut gan_model, picture: *const gan_tensor, result: *mut *mut gan_tensor) -> i32;
    pub fn gan_model_metadata(model: *const gan_model, key: *const c_char) -> *const c_char;
    pub fn gan_apply(model: *mut gan_model, x: *mut gan_layer) -> *mut gan_layer;

    pub fn gan_adam_create(
        out: *mut *mut gan_optimizer, context: *mut gan_context, options: *const gan_adam_options,
    ) -> i32;
    pub fn gan_optimizer_free(optimizer: *mut gan_optimizer);
    pub fn gan_objective_create(
        out: *mut *mut gan_objective, loss: *mut gan_layer, inputs: *const *mut gan_layer, input_count: i32,
        models: *const *mut gan_model, model_count: i32, optimizer: *mut gan_optimizer, options: *const c_void,
    ) -> i32;
    pub fn gan_objective_free(objective: *mut gan_objective);
    pub fn gan_objective_step(
        objective: *mut gan_objective, inputs: *const *const gan_tensor, input_count: i32, loss: *mut f32,
    ) -> i32;
}
