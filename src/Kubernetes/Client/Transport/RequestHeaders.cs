using System.Net.Http.Headers;
using System.Text;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>The headers that every request carries.</summary>
internal static class RequestHeaders
{
    public static void AddTo(HttpRequestHeaders headers, KubernetesClientConfiguration configuration)
    {
        headers.TryAddWithoutValidation("User-Agent", ProductUserAgent.Sanitize(configuration.UserAgent));
        headers.TryAddWithoutValidation("Accept", "application/json");
        // TLS takes its server name from the Host header.
        if (configuration.TlsServerName is { Length: > 0 } name) headers.Host = name;
        if (configuration.Impersonate is not { } impersonate) return;
        headers.TryAddWithoutValidation("Impersonate-User", impersonate.User);
        if (impersonate.Uid is { } uid) headers.TryAddWithoutValidation("Impersonate-Uid", uid);
        if (impersonate.Group is { } group) headers.TryAddWithoutValidation("Impersonate-Group", group);
        foreach (var (key, value) in impersonate.Extra) headers.TryAddWithoutValidation($"Impersonate-Extra-{EscapeName(key)}", value);
    }

    /// <summary>Keys such as <c>example.com/team</c> hold what no header name can: those bytes are percent-encoded.</summary>
    internal static string EscapeName(string key)
    {
        var name = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(key))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || (b < 0x80 && "!#$&'*+-.^_`|~".Contains((char)b, StringComparison.Ordinal))) name.Append((char)b);
            else name.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }
}
