using System.Collections.Immutable;

namespace GpuStack.Placement.Products;

/// <summary>GPU products by the names that node labels use. Immutable; ships as data and can be extended.</summary>
public sealed partial class ProductTable
{
    /// <summary>The table that ships with the operator.</summary>
    public static ProductTable Default { get; } = new([]);

    private ProductTable(ImmutableArray<GpuProduct> products) => Products = products;

    /// <summary>All products.</summary>
    public ImmutableArray<GpuProduct> Products { get; }
}
