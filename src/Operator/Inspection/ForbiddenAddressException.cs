using System.Net;

namespace GpuStack.Operator.Inspection;

/// <summary>A URL led to an address that the operator must not read for a user.</summary>
internal sealed class ForbiddenAddressException(string host, IPAddress? address) : IOException(
    $"{host} leads to {address?.ToString() ?? "no address"}, which is inside the cluster's or the machine's own network; "
    + "name the endpoint in the operator's settings (--trusted-endpoint) if models may come from there")
{
    /// <summary>The host of the URL, or of the redirect it led to.</summary>
    public string Host { get; } = host;
}
