#include "service/imapd/sasl_options.h"

namespace tegami::imapd {

sasl::ServerOptions sasl_options(const Session& session) {
    const directory::Directory& directory = *session.service->directory;
    sasl::ServerOptions options{
        .offer_password_mechanisms = session.passwords_allowed(),
        .offer_scram = session.passwords_allowed(),
        .fake_salt_secret = directory.server_secret(),
        .fake_iterations = directory.options().cost.scram_iterations,
    };
    const std::optional<net::TlsInfo> tls = session.stream->tls_info();
    if (tls && !tls->exporter_binding.empty())
        options.channel_bindings.push_back({.type = "tls-exporter", .data = tls->exporter_binding});
    if (tls && !tls->server_end_point_binding.empty())
        options.channel_bindings.push_back({.type = "tls-server-end-point", .data = tls->server_end_point_binding});
    return options;
}

} // namespace tegami::imapd
