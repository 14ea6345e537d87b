using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Schemas.Patterns;

namespace GpuStack.Kubernetes.Schemas.Validation;

/// <summary>The string formats that the API server checks in custom resources; it ignores every other.</summary>
internal static class StringFormats
{
    private static readonly GoPattern DateTimeShape =
        GoPattern.Parse(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$");
    private static readonly GoPattern HostName =
        GoPattern.Parse(@"^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?$");
    private static readonly GoPattern Uuid =
        GoPattern.Parse("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$");

    public static bool Accepts(string format, string value) => format switch
    {
        "date-time" => DateTimeShape.IsMatch(value) && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "duration" => KubernetesDuration.TryParse(value, out _),
        "uuid" => Uuid.IsMatch(value),
        "ipv4" => IPAddress.TryParse(value, out var four) && four.AddressFamily == AddressFamily.InterNetwork && value.Split('.').Length == 4,
        "ipv6" => IPAddress.TryParse(value, out var six) && six.AddressFamily == AddressFamily.InterNetworkV6,
        "cidr" => IPNetwork.TryParse(value, out _),
        "uri" => Uri.TryCreate(value, UriKind.Absolute, out _),
        "hostname" => value.Length <= 255 && HostName.IsMatch(value),
        "email" => value.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < value.Length - 1,
        "byte" => Convert.TryFromBase64String(value, new byte[value.Length], out _),
        _ => true,
    };
}
