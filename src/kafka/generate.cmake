# Runs the generator over the APIs in `apis`; sets generated_sources.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(generator_dir "${CMAKE_CURRENT_SOURCE_DIR}/generator")
set(generator
  "${generator_dir}/catalogue.py"
  "${generator_dir}/description.py"
  "${generator_dir}/generate.py"
  "${generator_dir}/message.py")
# -B: no byte code beside the sources.
set(generate "${Python3_EXECUTABLE}" -B "${generator_dir}/generate.py")
set(out "${CMAKE_BINARY_DIR}/generated")

set(descriptions)
set(generated_sources)
foreach(api IN LISTS apis)
  set(description "${CMAKE_CURRENT_SOURCE_DIR}/api/${api}.txt")
  list(APPEND descriptions "${description}")
  add_custom_command(
    OUTPUT "${out}/kafka/message/${api}.h" "${out}/kafka/message/${api}.cc"
    COMMAND ${generate} message "${description}" "${out}"
    DEPENDS "${description}" ${generator}
    COMMENT "Generating kafka/message/${api}"
    VERBATIM)
  list(APPEND generated_sources "${out}/kafka/message/${api}.h" "${out}/kafka/message/${api}.cc")
endforeach()
add_custom_command(
  OUTPUT "${out}/kafka/api_key.h" "${out}/kafka/api_key.cc" "${out}/kafka/messages.h" "${out}/kafka/messages.cc"
  COMMAND ${generate} catalogue "${out}" ${descriptions}
  DEPENDS ${descriptions} ${generator}
  COMMENT "Generating kafka/messages"
  VERBATIM)
list(APPEND generated_sources "${out}/kafka/api_key.h" "${out}/kafka/api_key.cc" "${out}/kafka/messages.h" "${out}/kafka/messages.cc")
