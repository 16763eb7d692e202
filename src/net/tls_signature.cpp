#include "net/tls_signature.h"

#include "base/freer.h"
#include "net/certificate.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

namespace tegami::net {

Result<std::string, TlsError> sign_message(const TlsServerContext& signer, std::string_view octets) {
    using Signed = std::unique_ptr<CMS_ContentInfo, Freer<CMS_ContentInfo_free>>;
    using Octets = std::unique_ptr<BIO, Freer<BIO_free>>;
    ERR_clear_error();
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(signer.native(), &chain);
    const Octets content(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
    const Signed made(CMS_sign(SSL_CTX_get0_certificate(signer.native()), SSL_CTX_get0_privatekey(signer.native()),
                               chain, content.get(), CMS_BINARY | CMS_NOSMIMECAP));
    unsigned char* der = nullptr;
    const int size = made ? i2d_CMS_ContentInfo(made.get(), &der) : 0;
    if (size <= 0) return failure(openssl_problem("the server's key cannot sign messages"));
    std::string whole(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return whole;
}

} // namespace tegami::net
