# cmake --install: commands, libraries, headers, weights and a package for find_package(spine).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY SPINE_MODULE_TARGETS)
get_property(apps GLOBAL PROPERTY SPINE_APP_TARGETS)
set(SPINE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/spine)

install(TARGETS ${modules} spine_torch EXPORT spineTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(apps)
  install(TARGETS ${apps} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY lib/spine DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY weights/ DESTINATION ${CMAKE_INSTALL_DATADIR}/spine/weights)
