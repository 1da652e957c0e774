include(CheckCXXCompilerFlag)

# spine_add_module(NAME [LIBTORCH] [FOLDER folder] SOURCES ... [PUBLIC targets...]
#                  [PRIVATE targets...])
#
# Declares the static library spine_<NAME> (alias spine::<NAME>) from lib/spine/<folder>.
# Each module has an include root of its own that holds only its folder, so that a source which
# includes a header of a module it does not depend on fails to compile. LIBTORCH: its sources include
# LibTorch's headers.
function(spine_add_module name)
  cmake_parse_arguments(ARG "LIBTORCH" "FOLDER" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()
  set(root ${PROJECT_BINARY_DIR}/include/${name})
  cmake_path(SET room ${root}/spine/${ARG_FOLDER})
  cmake_path(GET room PARENT_PATH above)
  file(MAKE_DIRECTORY ${above})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/lib/spine/${ARG_FOLDER} ${room} SYMBOLIC)

  set(target spine_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(spine::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${root}> $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE}
    $<BUILD_INTERFACE:spine_warnings>)
  set_property(GLOBAL APPEND PROPERTY SPINE_MODULE_TARGETS ${target})
  if(ARG_LIBTORCH)
    spine_share_libtorch_headers(${target})
  endif()
endfunction()

# spine_share_libtorch_headers(TARGET)
#
# A source that includes LibTorch's headers takes half a minute: to parse them, and to instantiate
# the templates that they use. The target shares the precompiled header of spine_nets, and its
# sources are compiled in groups; SPINE_UNITY_BUILD=OFF compiles each by itself.
function(spine_share_libtorch_headers target)
  if(NOT target STREQUAL spine_nets)
    target_precompile_headers(${target} REUSE_FROM spine_nets)
    target_compile_options(${target} PRIVATE -fPIC)  # as the precompiled header
  endif()
  # GCC 14 turns these on from -O2 and rejects a precompiled header in which one differs; tests use -O1.
  foreach(flag -munroll-only-small-loops -mvzeroupper)
    string(MAKE_C_IDENTIFIER "SPINE_HAS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      target_compile_options(${target} PRIVATE ${flag})
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${SPINE_UNITY_BUILD} UNITY_BUILD_BATCH_SIZE 7)
endfunction()
