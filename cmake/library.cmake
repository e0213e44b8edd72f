# The library: one set of objects, made into libgan.so and libgan.a.
# These kernels count on a multiplication and an addition becoming one instruction.
set(GAN_FUSED_KERNELS
  lib/kernels/direct.c lib/kernels/direct_avx2.c lib/kernels/direct_avx512.c
  lib/kernels/depthwise.c lib/kernels/depthwise_avx2.c lib/kernels/depthwise_avx512.c
  lib/kernels/narrow.c lib/kernels/narrow_avx2.c lib/kernels/narrow_avx512.c
  lib/kernels/winograd.c lib/kernels/winograd_avx2.c lib/kernels/winograd_avx512.c
  lib/kernels/portable.c)
set(GAN_FUSED_OPTIONS -ffp-contract=fast)
# Checks between the operations of what was unrolled make optimizing them take half a minute for a file.
if(GAN_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND GAN_FUSED_OPTIONS -O1 -fexpensive-optimizations)
endif()
set_source_files_properties(${GAN_FUSED_KERNELS} PROPERTIES COMPILE_OPTIONS "${GAN_FUSED_OPTIONS}")
file(GLOB_RECURSE GAN_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lib/*.c)
add_library(gan_objects OBJECT ${GAN_SOURCES})
target_include_directories(gan_objects PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/lib)
target_include_directories(gan_objects SYSTEM PRIVATE ${STB_INCLUDE} ${JSMN_INCLUDE} ${EXIF_INCLUDE_DIRS}
  ${ZLIB_INCLUDE_DIRS} ${BLIS_INCLUDE})
target_compile_definitions(gan_objects PRIVATE GAN_BUILDING GAN_VERSION="${PROJECT_VERSION}"
  GAN_HAVE_BLIS=$<BOOL:${BLIS_ARCHIVE}>)
# stb counts on signed numbers that wrap around, shifts bits out of the top of an int, and copies no bytes to NULL.
set(GAN_STB_OPTIONS -fwrapv)
if(GAN_SANITIZE MATCHES undefined)
  list(APPEND GAN_STB_OPTIONS -fno-sanitize=shift,nonnull-attribute)
endif()
set_source_files_properties(${PROJECT_SOURCE_DIR}/lib/formats/image_decode.c
  ${PROJECT_SOURCE_DIR}/lib/formats/image_encode.c PROPERTIES COMPILE_OPTIONS "${GAN_STB_OPTIONS}")
set(GAN_SYSTEM_LIBRARIES PkgConfig::EXIF ZLIB::ZLIB Threads::Threads m)

add_library(gan SHARED $<TARGET_OBJECTS:gan_objects>)
set_target_properties(gan PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/lib/gan.map)
target_link_options(gan PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/lib/gan.map
  -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-z,relro)
if(NOT GAN_SANITIZE)
  target_link_options(gan PRIVATE -Wl,-z,defs)
endif()
target_link_libraries(gan PRIVATE ${BLIS_ARCHIVE} ${GAN_SYSTEM_LIBRARIES})

# The archive holds one object with the BLIS kernels inside and every other name made local, so that it needs no
# BLIS where it is linked and clashes with none.
set(GAN_WHOLE ${CMAKE_CURRENT_BINARY_DIR}/gan_whole.o)
add_custom_command(OUTPUT ${GAN_WHOLE}
  COMMAND ${CMAKE_LINKER} -r -o ${GAN_WHOLE} $<TARGET_OBJECTS:gan_objects> ${BLIS_ARCHIVE}
  COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=gan_* --localize-hidden ${GAN_WHOLE}
  DEPENDS gan_objects $<TARGET_OBJECTS:gan_objects>
  COMMAND_EXPAND_LISTS VERBATIM)
add_library(gan_static STATIC ${GAN_WHOLE})
set_source_files_properties(${GAN_WHOLE} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
set_target_properties(gan_static PROPERTIES OUTPUT_NAME gan LINKER_LANGUAGE C)
target_link_libraries(gan_static PRIVATE ${GAN_SYSTEM_LIBRARIES})

foreach(library gan gan_static)
  target_include_directories(${library} PUBLIC ${PROJECT_SOURCE_DIR}/include)
endforeach()
