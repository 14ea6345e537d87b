using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace GpuStack.Operator.Supervision.Rpc;

/// <summary>A version of ggml's RPC protocol.</summary>
internal sealed record RpcVersion(int Major, int Minor, int Patch = 0)
{
    /// <summary>The newest whose commands are known: that of llama.cpp 0.7.0.</summary>
    public static readonly RpcVersion Newest = new(8, 0);

    /// <summary>Before it HELLO had no payload, and a three-byte reply.</summary>
    public const int OldestMajor = 4;

    /// <summary>Whether a client of this version takes a server of <paramref name="server"/>: the major is equal and the minor not newer; the patch is not looked at.</summary>
    public bool Accepts(RpcVersion server) => server.Major == Major && server.Minor <= Minor;

    /// <summary>Reads <c>MAJOR.MINOR</c> or <c>MAJOR.MINOR.PATCH</c>, each at most 255.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RpcVersion? version)
    {
        version = null;
        var parts = text.Split('.');
        if (parts.Length is not (2 or 3))
            return false;
        Span<byte> numbers = stackalloc byte[3];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return false;
        }
        version = new RpcVersion(numbers[0], numbers[1], numbers[2]);
        return true;
    }

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
