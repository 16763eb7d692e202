// What one connection is: its streams, who it is logged in as, what it has enabled and selected. Commands get a
// pointer to it; it lives in serve_imap's frame and outlives them all.
#pragma once

#include "protocol/imap/types.h"
#include "service/imapd/search_context.h"
#include "service/imapd/selected.h"
#include "service/imapd/service.h"
#include "service/imapd/transport.h"

#include <memory>
#include <optional>
#include <string>

namespace tegami::imapd {

struct Session {
    Session(Dependencies* of, net::Stream* over, ListenerOptions with);

    std::string& out() { return output.text(); }

    /// STARTTLS would be accepted now.
    bool can_start_tls() const;
    /// A password may cross this connection now.
    bool passwords_allowed() const;
    /// Who this is to the authenticator and its log.
    directory::LoginClient login_client() const;

    /// Leaves the selected mailbox, if there is one; what was shown as recent is recent no more.
    async::Awaitable<> deselect();

    Dependencies* service;
    net::Stream* stream;
    ListenerOptions options;
    std::string client; ///< the client's address without port

    Output output;
    Input input;

    imap::EnabledSet enabled;
    std::optional<directory::Identity> identity;
    store::AccountPtr home; ///< the user's own account; null until login
    std::unique_ptr<directory::SessionRegistry::Entry> logged_in;
    std::unique_ptr<SelectedMailbox> selected; ///< null unless selected
    std::string selected_name;                 ///< of that mailbox, as the client knows it, UTF-8
    std::vector<SearchContext> contexts;       ///< of the selected mailbox

    std::string tag;              ///< of the command that runs
    bool append_waits = false;    ///< the client of the APPEND that runs waits for "+"
    bool start_tls_next = false;  ///< after the tagged answer
    bool ended = false;           ///< no command will be read any more
    bool account_changed = false; ///< nothing may be done for the account any more

    std::uint64_t commands = 0;
    unsigned bad_commands = 0;
    unsigned login_failures = 0;
};

} // namespace tegami::imapd
