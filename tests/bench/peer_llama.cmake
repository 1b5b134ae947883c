# Read by CMake right behind project(llama_cpp) of llama-cpp-python: leaves out
# what its programs share (two fifths of all there is to compile), which no
# function that peer_llama.py calls is in.  That package sets the same name in
# the cache, whatever the command line says; a variable goes before the cache.
set(LLAMA_BUILD_COMMON OFF)
