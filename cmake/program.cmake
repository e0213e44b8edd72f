# The program gan: an application of the library like any other, built on the public headers alone.
file(GLOB GAN_PROGRAM_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/cli/*.c)
if(NOT GAN_PROGRAM_SOURCES)
  return()
endif()
add_executable(gan_program ${GAN_PROGRAM_SOURCES})
set_target_properties(gan_program PROPERTIES OUTPUT_NAME gan INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
target_link_libraries(gan_program PRIVATE gan m)
install(TARGETS gan_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
