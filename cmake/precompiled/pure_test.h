// Precompiled for the tests of all rooms: GoogleTest's headers cost more than most of our tests.
#pragma once

#include "pure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
