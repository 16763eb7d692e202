// The end of what a C library gives, for std::unique_ptr: std::unique_ptr<X509, Freer<X509_free>>.
#pragma once

namespace tegami {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};

} // namespace tegami
