# The JSON Schemas of our own kinds inside the binary: schemas/KIND.schema.json for each of KINDS, in their order.
# Adds to `sources_variable` of the caller what has to be compiled into the module.
function(myelin_embed_schemas output sources_variable)
  cmake_parse_arguments(ARG "" "" "KINDS" ${ARGN})
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(generator "${CMAKE_SOURCE_DIR}/tools/cmake/embed_schemas.py")
  list(TRANSFORM ARG_KINDS PREPEND "${CMAKE_SOURCE_DIR}/schemas/" OUTPUT_VARIABLE schemas)
  list(TRANSFORM schemas APPEND ".schema.json")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND Python3::Interpreter "${generator}" "${output}" ${schemas}
    DEPENDS "${generator}" ${schemas}
    COMMENT "Embedding the schemas of our own kinds"
    VERBATIM)
  set(${sources_variable} "${output}" PARENT_SCOPE)
endfunction()
