#pragma once
// rapidcheck inside a Catch2 test: a property that fails prints its shrunk counterexample and the seed.
#include <rapidcheck.h>

#include <functional>
#include <string>

#include "tests/support/catch.hpp"

namespace mcp::test {

/// Runs `testable` (any callable rapidcheck accepts) and fails the Catch2 test when a counterexample is found.
template <class Testable>
void property(const std::string& sentence, Testable&& testable) {
  CHECK(rc::check(sentence, std::forward<Testable>(testable)));
}

}  // namespace mcp::test
