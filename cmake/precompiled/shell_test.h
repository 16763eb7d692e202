// Precompiled for the tests of the rooms that use Asio.
#pragma once

#include "pure_test.h"
#include "shell.h"

#include "async/virtual_time.h"
