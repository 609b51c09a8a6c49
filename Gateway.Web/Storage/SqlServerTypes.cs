#if RESTRICTED_FEED
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;
#endif

namespace Gateway.Web.Storage;

/// <summary>
/// SqlClient, when it writes, looks at values for CLR user-defined types, whose four types live in the assembly
/// Microsoft.SqlServer.Server. The feed does not serve it and we have no such values: an assembly of that name with empty
/// types is made when SqlClient first asks for it.
/// </summary>
internal static class SqlServerTypes
{
#if RESTRICTED_FEED
    private const string Name = "Microsoft.SqlServer.Server";

    private static int Loaded;

    /// <summary>Call before the first use of SQL Server; further calls do nothing.</summary>
    public static void Load()
    {
        if (Interlocked.Exchange(ref Loaded, 1) == 0)
        {
            AssemblyLoadContext.Default.Resolving += static (context, name) => name.Name == Name ? Make(context) : null;
        }
    }

    private static Assembly Make(AssemblyLoadContext context)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(Name) { Version = new Version(1, 0, 0, 0) }, typeof(object).Assembly);
        ModuleBuilder module = assembly.DefineDynamicModule(Name);
        EnumBuilder format = module.DefineEnum($"{Name}.Format", TypeAttributes.Public, typeof(int));
        format.DefineLiteral("Unknown", 0);
        format.DefineLiteral("Native", 1);
        format.DefineLiteral("UserDefined", 2);
        Type formatType = format.CreateType();
        DefineSerialize(module);
        DefineException(module);
        DefineAttribute(module, formatType);
        var image = new MemoryStream();
        assembly.Save(image);
        image.Position = 0;
        return context.LoadFromStream(image);
    }

    private static void DefineSerialize(ModuleBuilder module)
    {
        TypeBuilder type = module.DefineType($"{Name}.IBinarySerialize", TypeAttributes.Public | TypeAttributes.Interface | TypeAttributes.Abstract);
        const MethodAttributes Abstract = MethodAttributes.Public | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.NewSlot;
        type.DefineMethod("Read", Abstract, typeof(void), [typeof(BinaryReader)]);
        type.DefineMethod("Write", Abstract, typeof(void), [typeof(BinaryWriter)]);
        type.CreateType();
    }

    private static void DefineException(ModuleBuilder module)
    {
        TypeBuilder type = module.DefineType($"{Name}.InvalidUdtException", TypeAttributes.Public, typeof(SystemException));
        type.DefineDefaultConstructor(MethodAttributes.Public);
        type.CreateType();
    }

    private static void DefineAttribute(ModuleBuilder module, Type format)
    {
        TypeBuilder type = module.DefineType($"{Name}.SqlUserDefinedTypeAttribute", TypeAttributes.Public | TypeAttributes.Sealed, typeof(Attribute));
        type.DefineDefaultConstructor(MethodAttributes.Public);
        foreach ((string property, Type value) in ((string, Type)[])
            [("Format", format), ("IsByteOrdered", typeof(bool)), ("IsFixedLength", typeof(bool)), ("MaxByteSize", typeof(int)), ("Name", typeof(string)), ("ValidationMethodName", typeof(string))])
        {
            ILGenerator code = type.DefineMethod("get_" + property, MethodAttributes.Public, value, []).GetILGenerator();
            code.Emit(value == typeof(string) ? OpCodes.Ldnull : OpCodes.Ldc_I4_0);
            code.Emit(OpCodes.Ret);
        }
        type.CreateType();
    }
#else
    /// <summary>Nothing to do: the package is there.</summary>
    public static void Load()
    {
    }
#endif
}
