using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.Operator.Planning;

/// <summary>
/// The hashes of specs that were seen, by their content: a pass asks for each of them several times, and thousands of deployments have
/// few different specs.
/// </summary>
internal static class SpecHashMemory
{
    /// <summary>Specs that are remembered; all are forgotten when there would be more.</summary>
    private const int Capacity = 4096;

    private static readonly ConcurrentDictionary<UInt128, Hashes> Known = new();

    /// <summary>The hashes of a spec; those that nobody asked for yet are null, and are filled in by who computes them.</summary>
    public static Hashes Of(ModelDeploymentSpec spec)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(spec, EntitiesJsonContext.Default.ModelDeploymentSpec);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        var key = BinaryPrimitives.ReadUInt128LittleEndian(digest);
        if (Known.TryGetValue(key, out var known))
            return known;
        if (Known.Count >= Capacity)
            Known.Clear();
        return Known.GetOrAdd(key, static _ => new Hashes());
    }

    /// <summary>See the functions of <see cref="SpecHash"/>.</summary>
    internal sealed class Hashes
    {
        public string? Source { get; set; }

        public string? PlanningInput { get; set; }

        public string? Pods { get; set; }
    }
}
