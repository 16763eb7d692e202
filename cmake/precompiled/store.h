// Precompiled for the rooms that read or change what is stored.
#pragma once

#include "shell.h"

#include "message/card.h"
#include "message/date.h"
#include "message/header.h"
#include "store/account.h"
#include "store/journey.h"
#include "store/queue.h"
#include "store/store.h"
#include "json/json.h"
