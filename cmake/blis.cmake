# The static, single-threaded BLIS archive, of which only the microkernels are linked. Where it is missing, or
# where its microkernel has another signature than version 0.9's, libgan's own portable kernel serves.
find_path(BLIS_INCLUDE blis.h PATH_SUFFIXES blis-serial ${CMAKE_LIBRARY_ARCHITECTURE}/blis-serial)
find_library(BLIS_ARCHIVE libblis.a PATH_SUFFIXES blis-serial ${CMAKE_LIBRARY_ARCHITECTURE}/blis-serial)
if(NOT BLIS_INCLUDE OR NOT BLIS_ARCHIVE)
  message(STATUS "BLIS (libblis-serial-dev) not found: the portable kernels are used")
  set(BLIS_ARCHIVE "")
  set(BLIS_INCLUDE "")
endif()
