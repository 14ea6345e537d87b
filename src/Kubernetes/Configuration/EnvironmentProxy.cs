using System.Globalization;
using System.Net;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>
/// The proxy that the environment names for a server, with the rules of Go programs: HTTPS_PROXY or HTTP_PROXY by the
/// server's scheme, unless NO_PROXY matches it. This machine itself is never reached by a proxy.
/// </summary>
internal static class EnvironmentProxy
{
    public static Uri? Find(Uri server, Func<string, string?> environment)
    {
        var variable = server.Scheme == Uri.UriSchemeHttps ? "HTTPS_PROXY" : "HTTP_PROXY";
        if (Value(environment, variable) is not { } text || IsLoopback(server)) return null;
        if (Value(environment, "NO_PROXY") is { } exceptions && IsExcepted(server, exceptions)) return null;
        return Parse(text) ?? throw new KubeconfigException(
            $"The environment variable {variable} is no proxy; expected a URL such as http://proxy.example.com:3128 with http, https or socks5.");
    }

    /// <summary>
    /// Entries are separated by commas: <c>*</c> (every host), an address or network, a domain (with its subdomains),
    /// <c>.domain</c> or <c>*.domain</c> (its subdomains alone); each but networks with a port if it is meant for that port only.
    /// </summary>
    internal static bool IsExcepted(Uri server, string exceptions)
    {
        var host = server.IdnHost.ToLowerInvariant().TrimEnd('.');
        var address = IPAddress.TryParse(server.DnsSafeHost, out var parsed) ? parsed : null;
        var port = server.Port.ToString(CultureInfo.InvariantCulture);
        foreach (var entry in exceptions.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (entry == "*") return true;
            if (IPNetwork.TryParse(entry, out var network) && entry.Contains('/', StringComparison.Ordinal))
            {
                if (address is not null && network.Contains(address)) return true;
                continue;
            }

            var (name, onlyPort) = SplitPort(entry.ToLowerInvariant());
            if (name.Length == 0 || (onlyPort.Length > 0 && onlyPort != port)) continue;
            if (IPAddress.TryParse(name, out var excepted) ? excepted.Equals(address) : IsDomainOf(name, host)) return true;
        }

        return false;
    }

    private static bool IsDomainOf(string domain, string host)
    {
        if (domain.StartsWith("*.", StringComparison.Ordinal)) domain = domain[1..];
        return domain.StartsWith('.')
            ? host.EndsWith(domain, StringComparison.Ordinal)
            : host == domain || host.EndsWith($".{domain}", StringComparison.Ordinal);
    }

    private static (string Host, string Port) SplitPort(string entry)
    {
        if (entry.StartsWith('['))
        {
            var end = entry.IndexOf(']', StringComparison.Ordinal);
            if (end < 0) return (entry, "");
            return (entry[1..end], entry[(end + 1)..].TrimStart(':'));
        }

        // More than one colon: an IPv6 address without a port.
        var colon = entry.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || colon != entry.LastIndexOf(':') ? (entry, "") : (entry[..colon], entry[(colon + 1)..]);
    }

    private static Uri? Parse(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal)) text = $"http://{text}";
        return Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Host.Length > 0 && proxy.Scheme is "http" or "https" or "socks5" or "socks5h"
            ? proxy
            : null;
    }

    private static bool IsLoopback(Uri server) =>
        string.Equals(server.IdnHost, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(server.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));

    private static string? Value(Func<string, string?> environment, string name)
    {
        if (environment(name) is { Length: > 0 } upper) return upper;
#pragma warning disable CA1308 // The variables' other names are in lower case.
        return environment(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;
#pragma warning restore CA1308
    }
}
