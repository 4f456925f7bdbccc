// The state of a running sha256 can be taken out only of the functions that OpenSSL 3 calls deprecated.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
