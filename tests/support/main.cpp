#if __has_include(<catch2/catch_all.hpp>)
int main(int argc, char** argv);
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
