# Every third-party package, found once. All of them come from the distribution.
find_program(SPINE_CCACHE ccache)
if(SPINE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is only cacheable with these two liberties.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${SPINE_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(OpenCV 4.5 REQUIRED COMPONENTS core imgproc imgcodecs photo)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(DCMTK CONFIG REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(TIFF REQUIRED)
find_package(Torch REQUIRED)

# DICOM: DCMTK reads everything but JPEG 2000, for which GDCM steps in. GDCM is looked up by its
# files: the distribution's GDCMConfig.cmake lists commands and Java bindings of other packages and
# complains about each that is not installed.
find_path(SPINE_GDCM_INCLUDE_DIR gdcmImageReader.h PATH_SUFFIXES gdcm-3.0 REQUIRED)
add_library(spine_dicom_toolkits INTERFACE)
target_include_directories(spine_dicom_toolkits SYSTEM INTERFACE
  $<BUILD_INTERFACE:${SPINE_GDCM_INCLUDE_DIR}>)
target_link_libraries(spine_dicom_toolkits INTERFACE
  DCMTK::cmr DCMTK::dcmsr DCMTK::dcmjpls DCMTK::dcmjpeg DCMTK::dcmdata DCMTK::oflog DCMTK::ofstd)
foreach(library gdcmMSFF gdcmDICT gdcmDSED gdcmCommon)
  find_library(SPINE_${library} ${library} REQUIRED)
  target_link_libraries(spine_dicom_toolkits INTERFACE ${SPINE_${library}})
endforeach()

# Checkpoints of PyTorch and NumPy are zip archives. Looked up by its files as well: the
# distribution's libzip-config.cmake asks for commands of another package.
find_path(SPINE_ZIP_INCLUDE_DIR zip.h REQUIRED)
find_library(SPINE_ZIP_LIBRARY zip REQUIRED)

# Pictures are compressed by libdeflate; the distribution's package has no configuration for CMake.
find_path(SPINE_DEFLATE_INCLUDE_DIR libdeflate.h REQUIRED)
find_library(SPINE_DEFLATE_LIBRARY deflate REQUIRED)

# The distribution's Torch target carries its own flags (-D_GLIBCXX_USE_CXX11_ABI and include
# folders); they are wrapped so that nothing but the network modules ever sees them.
add_library(spine_torch INTERFACE)
target_link_libraries(spine_torch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(spine_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})

add_library(spine_warnings INTERFACE)
target_compile_options(spine_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wimplicit-fallthrough
  # GCC 12 sees overlaps in every "text" + std::to_string(...) (its bugs 105651 and 105329).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict -Wno-stringop-overflow>
  $<$<BOOL:${SPINE_WARNINGS_AS_ERRORS}>:-Werror>)

if(SPINE_SANITIZE STREQUAL "thread")
  set(sanitizers -fsanitize=thread)
elseif(SPINE_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=undefined)
endif()
if(SPINE_FUZZ)
  list(APPEND sanitizers -fsanitize=fuzzer-no-link)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
    list(APPEND sanitizers -include ${PROJECT_SOURCE_DIR}/tests/fuzz/vector_for_clang.h)
  endif()
endif()
if(sanitizers)
  add_compile_options(${sanitizers} -fno-omit-frame-pointer)
  add_compile_definitions(SPINE_SANITIZED)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With sanitizers GCC 12 takes members of the standard library for uninitialised.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  add_link_options(${sanitizers})
endif()
