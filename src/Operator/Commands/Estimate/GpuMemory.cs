using System.Collections.Immutable;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>The memory of a GPU that the command line names.</summary>
/// <param name="Memory">Bytes of one GPU, as node labels and <c>nvidia-smi</c> say.</param>
/// <param name="Product">The product's name; null when only its memory was given.</param>
internal sealed record GpuMemory(Bytes Memory, string? Product)
{
    /// <summary>Reads <c>--gpu-memory</c>: quantities and names of products, one for all devices or one for each.</summary>
    /// <exception cref="InputException">A part is neither.</exception>
    public static ImmutableArray<GpuMemory> Parse(string text) => [.. text.Split(',').Select(part => One(part.Trim()))];

    /// <summary>Reads a quantity of memory.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static Bytes Amount(string option, string text) =>
        Quantity.TryParse(Binary(text), out Quantity quantity) && quantity >= 0 && quantity < Quantity.Parse("1Pi")
            ? new Bytes(quantity.ToInt64())
            : throw new InputException($"{option}: '{text}' is no amount of memory; give one like 1Gi.");

    private static GpuMemory One(string text)
    {
        if (Quantity.TryParse(Binary(text), out Quantity quantity))
        {
            return quantity > 0 && quantity < Quantity.Parse("1Pi")
                ? new GpuMemory(new Bytes(quantity.ToInt64()), null)
                : throw new InputException($"--gpu-memory: '{text}' is out of range; give the memory of one device, like 24Gi.");
        }

        foreach (string vendor in ProductTable.Default.Products.Select(product => product.Vendor).Distinct(StringComparer.Ordinal))
        {
            if (text.Length > 0 && ProductTable.Default.Find(vendor, text) is { Memory.Value: > 0 } product)
            {
                return new GpuMemory(product.Memory, product.Name);
            }
        }

        throw new InputException($"--gpu-memory: '{text}' is neither a quantity like 24Gi nor a known GPU product like H100; give the memory as a quantity.");
    }

    /// <summary>"24GiB" and "24 GiB" mean what Kubernetes writes as "24Gi".</summary>
    private static string Binary(string text) =>
        text.EndsWith("iB", StringComparison.Ordinal) ? text[..^1].Replace(" ", "", StringComparison.Ordinal) : text;
}
