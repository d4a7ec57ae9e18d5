/// The link-layer header types of a capture that are read, by their libpcap numbers (LINKTYPE_*, DLT_*).
public enum LinkType: Int32, Sendable, CaseIterable {
    case null = 0
    case ethernet = 1
    /// DLT_RAW as libpcap hands it out on Linux.
    case rawBSD = 12
    /// DLT_RAW of OpenBSD.
    case rawOpenBSD = 14
    case raw = 101
    case loop = 108
    case linuxSLL = 113
    case ipv4 = 228
    case ipv6 = 229
    case linuxSLL2 = 276

    /// The name that tcpdump gives a link type, for people: `EN10MB`; the number for one that is not in the table.
    public static func name(of number: Int32) -> String { names[number].map { "\($0) (\(number))" } ?? "\(number)" }

    /// What is read, for a sentence that says what to capture with.
    static let readable = "EN10MB, LINUX_SLL, LINUX_SLL2, NULL, LOOP, RAW, IPV4, IPV6"

    private static let names: [Int32: String] = [
        0: "NULL", 1: "EN10MB", 6: "IEEE802", 7: "ARCNET", 8: "SLIP", 9: "PPP", 10: "FDDI", 12: "RAW", 14: "RAW",
        50: "PPP_SERIAL", 51: "PPP_ETHER", 101: "RAW", 104: "C_HDLC", 105: "IEEE802_11", 107: "FRELAY", 108: "LOOP",
        113: "LINUX_SLL", 114: "LTALK", 117: "PFLOG", 119: "PRISM_HEADER", 122: "IP_OVER_FC", 127: "IEEE802_11_RADIO",
        143: "DOCSIS", 147: "USER0", 163: "IEEE802_11_RADIO_AVS", 189: "USB_LINUX", 192: "PPI",
        195: "IEEE802_15_4_WITHFCS", 220: "USB_LINUX_MMAPPED", 227: "CAN_SOCKETCAN", 228: "IPV4", 229: "IPV6",
        239: "NFLOG", 249: "USBPCAP", 253: "NETLINK", 272: "DSA_TAG_BRCM", 276: "LINUX_SLL2",
    ]
}
