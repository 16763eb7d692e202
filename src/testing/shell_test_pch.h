// Precompiled for the test programs of the rooms that use Asio.
#pragma once

#include "async/shell_pch.h"
#include "testing/test_pch.h"
