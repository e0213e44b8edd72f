# The static, single-threaded BLIS archive, of which only the microkernels are linked. Where it is missing, or
# where its microkernel has another signature than version 0.9's, libgan's own portable kernel serves.
include(CheckCSourceCompiles)
find_path(BLIS_INCLUDE blis.h PATH_SUFFIXES blis-serial ${CMAKE_LIBRARY_ARCHITECTURE}/blis-serial)
find_library(BLIS_ARCHIVE libblis.a PATH_SUFFIXES blis-serial ${CMAKE_LIBRARY_ARCHITECTURE}/blis-serial)

if(BLIS_INCLUDE AND BLIS_ARCHIVE)
  set(CMAKE_REQUIRED_INCLUDES ${BLIS_INCLUDE})
  set(CMAKE_REQUIRED_LIBRARIES ${BLIS_ARCHIVE} m)
  set(CMAKE_REQUIRED_FLAGS "-pthread")
  check_c_source_compiles("
    #include <blis.h>
    typedef void kernel(dim_t, dim_t, dim_t, float *, float *, float *, float *, float *, inc_t, inc_t,
                        auxinfo_t *, cntx_t *);
    int main(void)
    {
      kernel *volatile wide = bli_sgemm_skx_asm_32x12_l2, *volatile narrow = bli_sgemm_haswell_asm_6x16;
      return wide == narrow || sizeof(dim_t) != 8;
    }" GAN_BLIS_KERNELS_KNOWN)
  unset(CMAKE_REQUIRED_INCLUDES)
  unset(CMAKE_REQUIRED_LIBRARIES)
  unset(CMAKE_REQUIRED_FLAGS)
endif()

if(NOT GAN_BLIS_KERNELS_KNOWN)
  message(STATUS "BLIS (libblis-serial-dev) with the kernels of 0.9 not found: the portable kernels are used")
  set(BLIS_ARCHIVE "")
  set(BLIS_INCLUDE "")
endif()
