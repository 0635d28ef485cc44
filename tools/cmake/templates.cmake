# Templates inside the binary: the files FOLDER/NAME for each of NAMES, in their order.
# Adds to `sources_variable` of the caller what has to be compiled into the module.
function(myelin_embed_templates output sources_variable folder)
  cmake_parse_arguments(ARG "" "" "NAMES" ${ARGN})
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(generator "${CMAKE_SOURCE_DIR}/tools/cmake/embed_templates.py")
  list(TRANSFORM ARG_NAMES PREPEND "${folder}/" OUTPUT_VARIABLE files)
  add_custom_command(
    OUTPUT "${output}"
    COMMAND Python3::Interpreter "${generator}" "${output}" "${folder}" ${ARG_NAMES}
    DEPENDS "${generator}" ${files}
    COMMENT "Embedding the blueprints' templates"
    VERBATIM)
  set(${sources_variable} "${output}" PARENT_SCOPE)
endfunction()
