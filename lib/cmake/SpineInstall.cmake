# cmake --install: commands, libraries, headers, weights and a package for find_package(spine).
#
# The package has two components: `measure` (images, masks, landmarks, values, the batch runner and
# the simulator; no LibTorch) and `network` (everything that needs LibTorch).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY SPINE_MODULE_TARGETS)
get_property(apps GLOBAL PROPERTY SPINE_APP_TARGETS)
set(SPINE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/spine)

# Whether a target uses LibTorch, directly or through other modules.
function(spine_uses_torch target result)
  set(${result} FALSE PARENT_SCOPE)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  foreach(library ${libraries})
    if(library STREQUAL "spine_torch")
      set(${result} TRUE PARENT_SCOPE)
      return()
    endif()
    if(library MATCHES "^spine::")
      get_target_property(module ${library} ALIASED_TARGET)
      spine_uses_torch(${module} uses)
      if(uses)
        set(${result} TRUE PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
endfunction()

set(measure_modules spine_dicom_toolkits)
set(network_modules spine_torch)
foreach(module ${modules})
  spine_uses_torch(${module} uses)
  if(uses)
    list(APPEND network_modules ${module})
  else()
    list(APPEND measure_modules ${module})
  endif()
endforeach()

foreach(component measure network)
  install(TARGETS ${${component}_modules} EXPORT spine-${component}-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT spine-${component}-targets NAMESPACE spine:: DESTINATION ${SPINE_CMAKE_DIR})
endforeach()
if(apps)
  install(TARGETS ${apps} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT commands)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT commands)
endif()
# Public headers alone, found when installing, so that an include added since is considered.
install(CODE "
  include(\"${PROJECT_SOURCE_DIR}/lib/cmake/SpineHeaders.cmake\")
  spine_public_headers(\"${PROJECT_SOURCE_DIR}\" headers)
  foreach(header \${headers})
    cmake_path(GET header PARENT_PATH folder)
    file(INSTALL \"${PROJECT_SOURCE_DIR}/lib/\${header}\"
      DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/\${folder}\")
  endforeach()" COMPONENT development)
install(DIRECTORY weights/ DESTINATION ${CMAKE_INSTALL_DATADIR}/spine/weights COMPONENT commands)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/spine RENAME copyright
  COMPONENT commands)
install(DIRECTORY scripts/slurm DESTINATION ${CMAKE_INSTALL_DATADIR}/spine COMPONENT commands
  USE_SOURCE_PERMISSIONS)

configure_package_config_file(lib/cmake/spineConfig.cmake.in
  ${PROJECT_BINARY_DIR}/spineConfig.cmake INSTALL_DESTINATION ${SPINE_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/spineConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/spineConfig.cmake ${PROJECT_BINARY_DIR}/spineConfigVersion.cmake
  DESTINATION ${SPINE_CMAKE_DIR})

# cpack -G DEB: the commands, weights, manual pages and completions.
set(CPACK_PACKAGE_NAME spine)
set(CPACK_PACKAGE_CONTACT "The authors of spine")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL commands)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMMANDS_PACKAGE_NAME spine)
set(CPACK_DEBIAN_COMMANDS_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The data dictionary that DCMTK reads comes with its library; OpenBLAS makes LibTorch fast.
set(CPACK_DEBIAN_COMMANDS_PACKAGE_DEPENDS libopenblas0-openmp)
set(CPACK_STRIP_FILES ON)
include(CPack)
