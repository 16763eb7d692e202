#include "service/imapd/session.h"

namespace tegami::imapd {

Session::Session(Dependencies* of, net::Stream* over, ListenerOptions with)
    : service(of), stream(over), options(with), client(over->remote_endpoint().address.unmapped().to_string()),
      output(over, of->timers, of->limits.write_timeout), input(over, of->timers, &output, imap::ReaderLimits{}) {
    input.set_patience(of->limits.login_timeout);
    input.restart_patience();
}

bool Session::can_start_tls() const {
    return options.tls == TlsMode::starttls && service->tls != nullptr && !stream->is_secure();
}

directory::LoginClient Session::login_client() const {
    return {.address = client, .service = directory::LoginService::imap, .tls = stream->is_secure()};
}

bool Session::passwords_allowed() const {
    return stream->is_secure() || options.password_without_tls;
}

async::Awaitable<> Session::deselect() {
    if (!selected) co_return;
    const std::unique_ptr<SelectedMailbox> left = std::move(selected);
    contexts.clear();
    // Failing to remember this shows a message as recent once more: not worth an error.
    if (left->saw_arrivals()) {
        co_await left->account().claim_recent(left->id());
    }
}

} // namespace tegami::imapd
