# The worker of bench/compare is an application of the library like any other, so that its memory is what an
# application has to expect.
file(GLOB GAN_COMPARE_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/compare/*.c)
add_executable(bench_compare_worker ${GAN_COMPARE_SOURCES})
set_target_properties(bench_compare_worker PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench
  OUTPUT_NAME compare_worker)
target_link_libraries(bench_compare_worker PRIVATE gan)
