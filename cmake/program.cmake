# The program gan: an application of the library like any other, built on the public headers alone.
file(GLOB GAN_PROGRAM_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/cli/*.c)
if(NOT GAN_PROGRAM_SOURCES)
  return()
endif()
add_executable(gan_program ${GAN_PROGRAM_SOURCES})
set_target_properties(gan_program PROPERTIES OUTPUT_NAME gan INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
target_link_libraries(gan_program PRIVATE gan m)
install(TARGETS gan_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# Where the program finds the networks that come with it, as in an installed prefix.
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/share/gan)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/examples/networks ${CMAKE_CURRENT_BINARY_DIR}/share/gan/networks SYMBOLIC)
