// Precompiled for the rooms that know accounts: what they share of the network, of the directory and of who sent a letter.
#pragma once

#include "store.h"

#include <condition_variable>
#include <deque>
#include <list>
#include <ranges>
#include <unordered_map>
#include <unordered_set>

#include "base/words.h"
#include "directory/administration.h"
#include "directory/authenticator.h"
#include "directory/engine_administration.h"
#include "directory/local_domains.h"
#include "directory/login_guard.h"
#include "directory/lookup.h"
#include "directory/session_registry.h"
#include "directory/types.h"
#include "ingest/intake.h"
#include "message/structure.h"
#include "net/http.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "protocol/dns/record.h"
#include "protocol/sasl/server.h"
#include "protocol/smtp/reply.h"
#include "store/tally.h"
#include "trust/authentication_results.h"
#include "trust/dmarc/evaluate.h"
#include "trust/tls_policy/mta_sts.h"
#include "verification/examination.h"
#include "verification/verdicts.h"
