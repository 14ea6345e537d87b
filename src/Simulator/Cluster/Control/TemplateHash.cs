using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>The hash of a pod template in names and labels, in the alphabet that Kubernetes uses for it: without vowels, so that it spells no words.</summary>
internal static class TemplateHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The hash of <c>spec.template</c>: at most ten characters.</summary>
    public static string Of(StoredObject workload) => Encode((uint)(StableHash.Of(JsonReading.RawAt(workload.Content, "spec", "template")) >> 16));

    /// <summary>A number, digit by digit.</summary>
    public static string Encode(uint number) => string.Concat(number.ToString().Select(digit => Alphabet[digit - '0']));
}
