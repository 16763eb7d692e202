# tegami_room(NAME [DEPENDS room…] [LINK library…] [TESTS_USE room…] [FUZZED file…] [SHELL])
# One folder under src/ is one room: a static library of its *.cpp files, a test program of its *_test.cpp files
# and what these share, *_fixture.cpp (one ctest entry; a skipped test fails), and, in the fuzz preset, a target of the fuzz program for each *_fuzz.cpp. A room's name is its
# path with "_" for "/": protocol_smtp for src/protocol/smtp. SHELL rooms include Asio.
# Headers are precompiled for each of four kinds of rooms (those above the directory, those above the store, the other SHELL rooms,
# and the rest) and once more for their tests (cmake/precompiled).
# TESTS_USE names rooms above this one that only its tests need. In the fuzz preset pure rooms tell the fuzzer which ways they
# take; of SHELL rooms, which would be a third longer to compile, only the files that FUZZED names do.
function(tegami_room name)
  cmake_parse_arguments(ROOM "SHELL" "" "DEPENDS;LINK;TESTS_USE;FUZZED" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "(_test|_fixture)\\.cpp$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_fixture|_fuzz)\\.cpp$")
  list(TRANSFORM ROOM_DEPENDS PREPEND tegami_)
  list(TRANSFORM ROOM_TESTS_USE PREPEND tegami_)

  add_library(tegami_${name} STATIC ${sources})
  set_target_properties(tegami_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(tegami_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(tegami_${name} PUBLIC ${ROOM_DEPENDS} ${ROOM_LINK})
  if(TEGAMI_FUZZ AND ROOM_SHELL AND ROOM_FUZZED)
    set_source_files_properties(${ROOM_FUZZED} PROPERTIES COMPILE_OPTIONS -fsanitize=fuzzer-no-link
                                SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
  elseif(TEGAMI_FUZZ AND NOT ROOM_SHELL)
    target_compile_options(tegami_${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  set(kind pure)
  if(ROOM_SHELL)
    set(kind shell)
  endif()
  if(name STREQUAL "store" OR "tegami_store" IN_LIST ROOM_DEPENDS)
    set(kind store)
  endif()
  if("tegami_directory" IN_LIST ROOM_DEPENDS)
    set(kind service)
  endif()
  tegami_precompile(tegami_${name} ${kind} "")

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE tegami_${name} ${ROOM_TESTS_USE} tegami_testing GTest::gmock GTest::gtest_main)
    tegami_precompile_test(${name}_test ${kind})
    tegami_add_test(${name} ${name}_test)
  endif()
  if(TEGAMI_FUZZ)
    foreach(fuzzer ${fuzzers})
      get_filename_component(stem ${fuzzer} NAME_WE)
      set_property(GLOBAL APPEND PROPERTY TEGAMI_FUZZ_TARGETS ${name}_${stem})
      set_property(GLOBAL APPEND PROPERTY TEGAMI_FUZZ_SOURCES ${fuzzer})
      set_property(GLOBAL APPEND PROPERTY TEGAMI_FUZZ_ROOMS tegami_${name})
    endforeach()
  endif()
endfunction()

# One program of all fuzz targets, which TEGAMI_FUZZ_TARGET names when it runs: linked once, and its sources compiled some
# together. Each stands in a namespace of its own, behind the headers of all.
function(tegami_fuzz_program)
  get_property(targets GLOBAL PROPERTY TEGAMI_FUZZ_TARGETS)
  get_property(sources GLOBAL PROPERTY TEGAMI_FUZZ_SOURCES)
  get_property(rooms GLOBAL PROPERTY TEGAMI_FUZZ_ROOMS)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})
  set(files)
  set(declared)
  set(listed)
  set(headers)
  set(bodies)
  set(together 0)
  foreach(target source IN ZIP_LISTS targets sources)
    string(APPEND declared "extern \"C\" int ${target}(const std::uint8_t*, std::size_t);\n")
    string(APPEND listed "    {\"${target}\", ${target}},\n")
    file(STRINGS ${source} included REGEX "^#include")
    list(APPEND headers ${included})
    string(APPEND bodies "#define LLVMFuzzerTestOneInput ${target}\nnamespace in_${target} {\n#include \"${source}\"\n}\n"
                         "#undef LLVMFuzzerTestOneInput\n")
    math(EXPR together "${together} + 1")
    list(GET targets -1 last)
    if(together EQUAL 9 OR target STREQUAL last)
      list(REMOVE_DUPLICATES headers)
      list(JOIN headers "\n" headers)
      set(file ${CMAKE_BINARY_DIR}/fuzz_targets/with_${target}.cpp)
      file(CONFIGURE OUTPUT ${file} CONTENT "@headers@\n@bodies@" @ONLY)
      list(APPEND files ${file})
      set(headers)
      set(bodies)
      set(together 0)
    endif()
  endforeach()
  set(file ${CMAKE_BINARY_DIR}/fuzz_targets/main.cpp)
  file(CONFIGURE OUTPUT ${file} @ONLY CONTENT [=[
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

@declared@
namespace {

struct Target {
    std::string_view name;
    int (*run)(const std::uint8_t*, std::size_t);
};

constexpr Target kTargets[] = {
@listed@};

const Target* chosen = nullptr;

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* const name = std::getenv("TEGAMI_FUZZ_TARGET");
    for (const Target& target : kTargets)
        if (name != nullptr && target.name == name) chosen = &target;
    if (chosen != nullptr) return 0;
    std::fprintf(stderr, "TEGAMI_FUZZ_TARGET names no target\n");
    std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { return chosen->run(data, size); }
]=])
  list(JOIN targets "\n" names)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/fuzz_targets/names CONTENT "@names@\n" @ONLY)
  add_executable(fuzz_targets ${files} ${CMAKE_BINARY_DIR}/fuzz_targets/main.cpp)
  list(REMOVE_DUPLICATES rooms)
  target_link_libraries(fuzz_targets PRIVATE ${rooms})
  target_link_options(fuzz_targets PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_targets PROPERTIES UNITY_BUILD OFF RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz_targets)
endfunction()

# The first target of each kind makes the precompiled header, the others use it again.
function(tegami_precompile target kind suffix)
  get_property(first GLOBAL PROPERTY TEGAMI_PRECOMPILED_${kind}${suffix})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled/${kind}${suffix}.h)
    set_property(GLOBAL PROPERTY TEGAMI_PRECOMPILED_${kind}${suffix} ${target})
  endif()
endfunction()

# What is tested is watched in full; the tests themselves, half of what is to be compiled, only for what they do to memory.
function(tegami_precompile_test target kind)
  if(TEGAMI_SANITIZER)
    target_compile_options(${target} PRIVATE -fno-sanitize=undefined)
  endif()
  tegami_precompile(${target} ${kind} _test)
endfunction()

# Runs a GoogleTest program as the ctest entry NAME. A test that skips itself fails: what it would prove is promised.
function(tegami_add_test name program)
  add_test(NAME ${name} COMMAND ${program})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 FAIL_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()

# tegami_sabotaged(FILE…): the files of this room that have a deliberate bug when TEGAMI_SABOTAGE names it.
function(tegami_sabotaged)
  if(TEGAMI_SABOTAGE)
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_DEFINITIONS TEGAMI_SABOTAGE=${TEGAMI_SABOTAGE})
  endif()
endfunction()
