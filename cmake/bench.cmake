# Each bench/*.c but measure.c, which they share, is one program, linked to the library's objects so that it can
# measure inside.
file(GLOB GAN_BENCH_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.c)
list(REMOVE_ITEM GAN_BENCH_SOURCES ${PROJECT_SOURCE_DIR}/bench/measure.c)
add_library(gan_measure OBJECT bench/measure.c)
target_include_directories(gan_measure PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/lib)
foreach(source ${GAN_BENCH_SOURCES})
  get_filename_component(name ${source} NAME_WE)
  add_executable(bench_${name} ${source} $<TARGET_OBJECTS:gan_measure> $<TARGET_OBJECTS:gan_objects>)
  set_target_properties(bench_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY bench OUTPUT_NAME ${name})
  target_include_directories(bench_${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/lib)
  target_link_libraries(bench_${name} PRIVATE ${BLIS_ARCHIVE} ${GAN_SYSTEM_LIBRARIES})
endforeach()

include(cmake/compare.cmake)
