using System.Collections.Frozen;
using System.Collections.Immutable;

namespace GpuStack.Placement.Products;

/// <summary>
/// GPU products by the names that node labels use. Immutable; ships as data (<c>products.json</c>) and can be extended
/// with a document of the same form, whose entries win.
/// </summary>
public sealed class ProductTable
{
    private readonly FrozenDictionary<string, GpuProduct> _byKey;

    private ProductTable(ImmutableArray<GpuProduct> products)
    {
        Products = products;
        var byKey = new Dictionary<string, GpuProduct>(StringComparer.Ordinal);
        foreach (var product in products)
        {
            foreach (var name in product.Aliases.Prepend(product.Name))
                byKey[product.Vendor + "/" + ProductName.Key(name)] = product;
        }

        _byKey = byKey.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The table that ships with the operator.</summary>
    public static ProductTable Default { get; } = LoadDefault();

    /// <summary>All products, those of extensions last.</summary>
    public ImmutableArray<GpuProduct> Products { get; }

    /// <summary>A table with further products; equal names replace.</summary>
    /// <param name="json">A document <c>{"products":[…]}</c>.</param>
    /// <param name="source">Its name, for error messages.</param>
    /// <returns>The wider table.</returns>
    /// <exception cref="FormatException">The document is not of that form; the message names the entry and the field.</exception>
    public ProductTable Extend(string json, string source) => new(Products.AddRange(ProductTableReader.Read(json, source)));

    /// <summary>Finds a product by a label's value.</summary>
    /// <param name="vendor">The vendor, as in <see cref="GpuProduct.Vendor"/>.</param>
    /// <param name="labelName">What the label says, such as <c>NVIDIA-A100-SXM4-40GB-MIG-1g.5gb</c>.</param>
    /// <returns>The product (of the whole GPU), or null.</returns>
    public GpuProduct? Find(string vendor, string labelName)
    {
        var words = ProductName.Words(labelName);
        // The whole name first, then without its last words: "RTX 4090 48GB" is at least an RTX 4090, but a laptop's chip never is.
        for (var count = words.Count; count > 0; count--)
        {
            if (_byKey.TryGetValue(vendor + "/" + string.Join(' ', words.Take(count)), out var product))
                return product;
            if (words[count - 1] is "LAPTOP" or "MOBILE" or "MAX" or "Q" or "D")
                return null;
        }

        return null;
    }

    private static ProductTable LoadDefault()
    {
        using var stream = typeof(ProductTable).Assembly.GetManifestResourceStream("products.json")
            ?? throw new InvalidOperationException("The product table is not part of the assembly.");
        using var reader = new StreamReader(stream);
        return new ProductTable(ProductTableReader.Read(reader.ReadToEnd(), "products.json"));
    }
}
