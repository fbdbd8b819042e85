//! Which addresses a citation may lead to. An article is written by strangers,
//! so a reference (or a redirect of it) must not make this machine ask its own
//! services or its neighbours'. The tables follow IANA's special-purpose
//! registries; where a registry says "globally reachable" of a block that
//! serves no web pages (AS112, AMT), the block still counts as special.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether special-purpose addresses may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AddressPolicy {
    /// Allow loopback, private, link-local and every other special address.
    pub allow_private: bool,
}

impl AddressPolicy {
    /// Whether a connection to `address` may be opened.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        self.allow_private || !is_special_purpose(address)
    }
}

/// Blocks of IPv4 that are not ordinary public hosts: first address, prefix
/// length.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),           // "this network"; 0.0.0.0 reaches loopback on Linux
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared between carrier and customer
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local; cloud metadata services
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112
    (Ipv4Addr::new(192, 52, 193, 0), 24), // AMT
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays, withdrawn
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(192, 175, 48, 0), 24), // AS112
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, and the broadcast address
];

/// The special blocks inside global unicast (`2000::/3`). All outside it is
/// special without a table.
const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether `address` is anything but an ordinary public host. IPv6 addresses
/// that carry an IPv4 address are as special as the one they carry.
#[must_use]
pub fn is_special_purpose(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_special_v4(address),
        IpAddr::V6(address) => carried_v4(address).map_or_else(|| is_special_v6(address), is_special_v4),
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    SPECIAL_V4.iter().any(|&(block, length)| {
        let mask = u32::MAX << (u32::BITS - length);
        address.to_bits() & mask == block.to_bits()
    })
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    let is_global_unicast = address.to_bits() >> 125 == 0b001;
    !is_global_unicast
        || SPECIAL_V6.iter().any(|&(block, length)| {
            let mask = u128::MAX << (u128::BITS - length);
            address.to_bits() & mask == block.to_bits()
        })
}

/// The IPv4 address that traffic to `address` ends at: mapped
/// (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) and 6to4 (`2002::/16`). Teredo
/// and the withdrawn compatible form are special as a whole.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [first, second, third, fourth, fifth, sixth, high, low] = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << u16::BITS | u32::from(low));
    match [first, second, third, fourth, fifth, sixth] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => Some(join(high, low)),
        [0x2002, ..] => Some(join(second, third)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn special(address: &str) -> bool {
        is_special_purpose(address.parse().expect("an address"))
    }

    #[test]
    fn private_and_reserved_addresses_are_special() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(special(address), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_not() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "126.1.1.1",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.169.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(!special(address), "{address}");
        }
    }

    #[test]
    fn the_policy_opens_everything_or_only_the_public() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert!(!AddressPolicy::default().allows(loopback));
        assert!(AddressPolicy { allow_private: true }.allows(loopback));
    }
}
