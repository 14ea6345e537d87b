using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace GpuStack.Operator.Inspection;

/// <summary>
/// Which addresses a URL of a user may lead the operator to. A ModelDeployment's author must not be able to make the operator, which sits
/// inside the cluster's network, read what only the cluster may read: loopback, link-local (cloud metadata), private and shared address
/// space (pods, Services, nodes), multicast and reserved ranges are refused, in IPv4, IPv6 and IPv4 hidden in IPv6.
/// Clusters whose pods or Services have public addresses name those networks in <see cref="ForbiddenNetworks"/>.
/// </summary>
internal sealed class AddressRule(ImmutableArray<IPNetwork> forbiddenNetworks)
{
    private static readonly ImmutableArray<IPNetwork> NeverPublic =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.0.0.0/24"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        // 168.63.129.16 is Azure's host agent.
        IPNetwork.Parse("168.63.129.16/32"),
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("::/128"),
        IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("fec0::/10"),
        IPNetwork.Parse("ff00::/8"),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork LocalNat64 = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");
    private static readonly IPNetwork CompatibleV4 = IPNetwork.Parse("::/96");

    /// <summary>Networks that are refused besides the ranges that are never public.</summary>
    public ImmutableArray<IPNetwork> ForbiddenNetworks { get; } = forbiddenNetworks;

    /// <summary>Whether a user's URL may lead to <paramref name="address"/>.</summary>
    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return Allows(address.MapToIPv4());
        if (NeverPublic.Any(network => network.Contains(address)) || ForbiddenNetworks.Any(network => network.Contains(address)))
            return false;
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return true;
        if (Teredo.Contains(address) || LocalNat64.Contains(address))
            return false;
        return EmbeddedV4(address) is not { } embedded || Allows(embedded);
    }

    private static IPAddress? EmbeddedV4(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (Nat64.Contains(address) || CompatibleV4.Contains(address))
            return new IPAddress(bytes.AsSpan(12, 4));
        return SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4)) : null;
    }
}
