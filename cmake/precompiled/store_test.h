// Precompiled for the tests of the rooms that read or change what is stored.
#pragma once

#include "shell_test.h"
#include "store.h"
