using System.Reflection;
using System.Runtime.InteropServices;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>How this program names itself to servers.</summary>
internal static class ProductUserAgent
{
    private const int MaxVersion = 40;
    private const int MaxLength = 200;

    /// <summary>Such as <c>gpustack-operator/0.1.0 (linux/amd64)</c>.</summary>
    public static string Default { get; } = Create(
        typeof(ProductUserAgent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);

    /// <param name="informationalVersion">Such as <c>0.1.0+8a6c2f…</c>; what is behind the plus is left out.</param>
    public static string Create(string? informationalVersion)
    {
        var version = string.Concat((informationalVersion ?? "").Split('+')[0].Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-').Take(MaxVersion));
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var architecture = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.Arm64 => "arm64",
            _ => "other",
        };
        return $"gpustack-operator/{(version.Length > 0 ? version : "0")} ({system}/{architecture})";
    }

    /// <summary>What a header can carry of a name that was set.</summary>
    public static string Sanitize(string userAgent) => string.Concat(userAgent.Where(c => c is >= ' ' and <= '~').Take(MaxLength)).Trim();
}
