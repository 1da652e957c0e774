# cmake -DFOLDER=folder -DFILES=a;b -DOUTPUT=assets.cpp -P SpineEmbed.cmake
#
# Writes a source with the content of text files, for spine/review/assets.h.
set(table "")
foreach(name ${FILES})
  file(READ ${FOLDER}/${name} content)
  string(REGEX MATCH "[^.]+$" extension ${name})
  if(extension STREQUAL "html")
    set(type "text/html; charset=utf-8")
  elseif(extension STREQUAL "css")
    set(type "text/css; charset=utf-8")
  elseif(extension STREQUAL "js")
    set(type "text/javascript; charset=utf-8")
  elseif(extension STREQUAL "json")
    set(type "application/json")
  elseif(extension STREQUAL "svg")
    set(type "image/svg+xml")
  else()
    message(FATAL_ERROR "SpineEmbed: ${name}: unknown kind of file")
  endif()
  # A string literal may be too long for a compiler; neighbours are joined.
  string(REPLACE "\n" "\n)~\" R\"~(" content "${content}")
  string(APPEND table "    {\"${name}\", \"${type}\", R\"~(${content})~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"spine/review/assets.h\"

#include <algorithm>
#include <iterator>

namespace spine::review {
namespace {

constexpr Asset kAssets[] = {
${table}};

}  // namespace

const Asset* find_asset(std::string_view name) {
  const auto* asset = std::find_if(std::begin(kAssets), std::end(kAssets),
                                   [&](const Asset& a) { return a.name == name; });
  return asset == std::end(kAssets) ? nullptr : asset;
}

}  // namespace spine::review
")
