#include "service/imapd/sasl_options.h"

namespace tegami::imapd {

sasl::ServerOptions sasl_options(const Session& session) {
    const auto tls = session.stream->tls_info().value_or(net::TlsInfo{});
    sasl::ServerOptions options =
        session.service->authenticator->sasl_options(tls.exporter_binding, tls.server_end_point_binding);
    options.offer_password_mechanisms = session.passwords_allowed();
    options.offer_scram = session.passwords_allowed();
    return options;
}

} // namespace tegami::imapd
