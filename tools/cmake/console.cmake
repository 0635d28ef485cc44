# The web console inside the binary. The C++ build never needs Node:
#   MYELIN_CONSOLE=ON              what tools/dev/console.sh built in build/console; nothing when it built nothing (default)
#   MYELIN_CONSOLE=PREBUILT=<dir>  a console that was built elsewhere, as release tarballs carry it
#   MYELIN_CONSOLE=OFF             none; the addresses answer a plain page that lists the interface
set(MYELIN_CONSOLE "ON" CACHE STRING "Embed the web console: ON, OFF or PREBUILT=<dir>")

# Adds to `sources_variable` of the caller what has to be compiled into the module.
function(myelin_embed_console output sources_variable)
  if(MYELIN_CONSOLE MATCHES "^PREBUILT=(.+)$")
    set(built "${CMAKE_MATCH_1}")
    if(NOT EXISTS "${built}/index.html")
      message(FATAL_ERROR "MYELIN_CONSOLE: ${built} holds no index.html; name the folder that `vite build` wrote")
    endif()
  elseif(MYELIN_CONSOLE)
    set(built "${CMAKE_SOURCE_DIR}/build/console")
    if(NOT EXISTS "${built}/index.html")
      message(STATUS "No console in ${built}: run tools/dev/console.sh to embed one")
      set(built "")
    endif()
  else()
    set(built "")
  endif()

  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(generator "${CMAKE_SOURCE_DIR}/tools/cmake/embed_console.py")
  set(inputs "${generator}")
  if(built)
    list(APPEND inputs "${built}/index.html")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${built}/index.html")
  endif()
  add_custom_command(
    OUTPUT "${output}/console_table.cc" "${output}/console_data.S"
    COMMAND Python3::Interpreter "${generator}" "${output}" "${built}"
    DEPENDS ${inputs}
    COMMENT "Embedding the console"
    VERBATIM)
  set(${sources_variable} "${output}/console_table.cc" "${output}/console_data.S" PARENT_SCOPE)
endfunction()
